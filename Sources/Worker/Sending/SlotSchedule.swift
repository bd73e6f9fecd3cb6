import Common

/// Slots in time at a steady rate: what `wa_send_v1.lua` keeps in Redis, kept by one worker.
struct SlotSchedule: Hashable, Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Of slots that a schedule at rest hands out at once.
    private static let burst = Duration.milliseconds(100)

    /// From one slot to the next.
    let interval: Duration
    private var next: Instant?

    /// A schedule of so many slots a second.
    init(perSecond rate: Double) { interval = .microseconds(Int64(1_000_000 / max(rate, 0.001))) }

    /// Gives up to `wanted` slots that begin within `horizon`; `first` is when the first of them begins, the others
    /// follow, given or not, `interval` apart.
    mutating func take(_ wanted: Int, within horizon: Duration, _ now: Instant) -> (given: Int, first: Instant) {
        let first = max(next ?? now - Self.burst, now - Self.burst)
        let room = now + horizon - first
        let fitting = room < .zero ? 0 : Int(room.wholeMicroseconds / interval.wholeMicroseconds) + 1
        let given = min(wanted, fitting)
        if given > 0 { next = first + interval * given }
        return (given, first)
    }
}
