/// When a refused event is tried again: as Standard Webhooks has it, over 75 hours
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability).
///
/// The first try is at once, out of the log; nine more follow, each after the pause that belongs to it.
enum ParkingSchedule {
    /// Before the second try, the third and so on.
    static let pauses: [Duration] = [
        .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600), .seconds(10 * 3600),
        .seconds(14 * 3600), .seconds(20 * 3600), .seconds(24 * 3600),
    ]

    /// How long to wait after so many refusals; nil when the event is given up.
    static func pause(afterRefusals count: Int) -> Duration? {
        (1...pauses.count).contains(count) ? pauses[count - 1] : nil
    }
}
