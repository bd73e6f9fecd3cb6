/// What is looked at together: one area does not wait for another.
enum DoctorArea: String, CaseIterable, Sendable {
    case configuration, postgres, redis, clocks, queue, messages, relay, twilio
    case address = "public address"

    /// How long looking at it may take.
    var limit: Duration {
        switch self {
        case .configuration, .postgres, .redis, .clocks, .messages: .seconds(15)
        case .queue, .relay, .twilio: .seconds(20)
        case .address: .seconds(30)
        }
    }

    /// Whether looking at it gives Redis our queue functions, if it has none.
    var bringsFunctions: Bool {
        switch self {
        case .queue, .messages: true
        case .configuration, .postgres, .redis, .clocks, .relay, .twilio, .address: false
        }
    }
}
