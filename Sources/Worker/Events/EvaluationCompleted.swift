import Common

/// `evaluation.completed`: another service has worked out whether a delayed journey is paid for.
struct EvaluationCompleted: Hashable, Sendable {
    var journeyID: UUID
    var userID: UUID
    var isEligible: Bool
    /// Nil when it was not told, or for a journey that is not paid for.
    var compensationPence: Int?
    /// How late the train was, as far as the service knows.
    var delayMinutes: Int?
    var reason: String?
    /// When the evaluation was made, by the event's own `timestamp`; nil when it has none.
    var madeAt: Timestamp?

    /// Longer reasons are cut off.
    private static let longestReason = 500

    /// Reads an event, whose data stand in `data` or beside the type; nil when a field is missing, of the wrong type or
    /// out of range.
    ///
    /// Fields of other names are left alone.
    init?(_ event: JSONValue) {
        let data = event["data"] ?? event
        guard let journey = data["journey_id"]?.string.flatMap({ UUID($0) }),
            let user = data["user_id"]?.string.flatMap({ UUID($0) }), case .bool(let eligible) = data["eligible"],
            let compensation = Self.number(data["compensation_pence"], in: 0...100_000_000),
            let delay = Self.number(data["delay_minutes"], in: 0...100_000)
        else { return nil }
        switch data["reason"] {
        // U+0000 cannot be stored.
        case .string(let text): reason = String(text.filter { $0 != "\0" }.prefix(Self.longestReason))
        case .null, nil: reason = nil
        case .bool, .integer, .decimal, .array, .object: return nil
        }
        journeyID = journey
        userID = user
        isEligible = eligible
        compensationPence = eligible ? compensation : nil
        delayMinutes = delay
        madeAt = event["timestamp"]?.string.flatMap { Timestamp(rfc3339: $0) }
    }

    /// A whole number, or nothing; nil for anything else.
    private static func number(_ value: JSONValue?, in range: ClosedRange<Int>) -> Int?? {
        switch value {
        case .integer(let number): range.contains(number) ? .some(number) : nil
        case .null, nil: .some(nil)
        case .bool, .decimal, .string, .array, .object: nil
        }
    }
}
