import Common

/// One request that the simulator made of the service, and how it was answered.
struct Exchange: Sendable {
    enum Kind: String, Sendable { case inbound, status, fallback }

    let kind: Kind
    let messageSID: String
    let passenger: String?
    /// The delivery status that was told, of a status callback.
    let told: MessageStatus?
    let path: String
    /// 1 for the first try.
    let attempt: Int
    /// The HTTP status; nil when there was no answer.
    let status: Int?
    /// Why there was none.
    let failure: String?
    let duration: Duration
    let at: Timestamp

    var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "sid": .string(messageSID), "passenger": .string(passenger),
            "told": .string(told?.rawValue), "path": .string(path), "attempt": .integer(attempt),
            "status": .integer(status), "failure": .string(failure),
            "microseconds": .integer(Int(duration.wholeMicroseconds)), "at": .string(at.rfc3339),
        ]
    }
}
