import Common

/// A row of `dead_letters`.
struct StoredDeadLetter: Sendable {
    /// What became of it.
    enum Status: String, Sendable {
        case open, replayed, discarded
    }

    let id: Int64
    let letter: DeadLetter
    let replayedAt: Timestamp?
    let discardedAt: Timestamp?
    /// Blanked, because the person asked to be forgotten.
    let isErased: Bool

    /// What `init` reads of a row.
    static let columns: SQL =
        "id, message_sid, sender, reason, error, deliveries, raw, at, replayed_at, discarded_at"

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.column("id")
        let raw: [UInt8]? = try row.column("raw")
        var letter = DeadLetter(
            reason: try row.column("reason"), error: try row.column("error", as: String?.self) ?? "",
            deliveries: try row.column("deliveries"), at: try row.column("at"), envelope: raw ?? [])
        letter.messageSID = try row.column("message_sid")
        letter.sender = try row.column("sender")
        self.letter = letter
        replayedAt = try row.column("replayed_at")
        discardedAt = try row.column("discarded_at")
        isErased = raw == nil
    }

    /// One that nobody has dealt with.
    init(id: Int64, letter: DeadLetter) {
        self.id = id
        self.letter = letter
        (replayedAt, discardedAt, isErased) = (nil, nil, false)
    }

    var status: Status { discardedAt != nil ? .discarded : replayedAt != nil ? .replayed : .open }

    /// Why it cannot be replayed; nil when it can.
    var obstacle: String? {
        if isErased { return "erased" }
        return letter.hasHeader ? nil : "no envelope"
    }

    /// What it is known by, here and in Redis.
    var key: DeadLetterKey { DeadLetterKey(letter) }

    func json(_ options: OutputOptions) -> JSONValue {
        let message = letter.message
        return [
            "id": .integer(Int(id)), "message_sid": .string(letter.messageSID),
            "sender": .string(options.shown(letter.sender)), "kind": .string(message?.kind.rawValue),
            "reason": .string(letter.reason), "error": .string(letter.error),
            "deliveries": .integer(letter.deliveries), "received_at": .string(message?.receivedAt.rfc3339),
            "at": .string(letter.at.rfc3339), "correlation_id": .string(message?.correlationID.text),
            "bytes": .integer(letter.envelope.count), "redacted": .bool(letter.isRedacted),
            "status": .string(status.rawValue), "replayed_at": .string(replayedAt?.rfc3339),
            "discarded_at": .string(discardedAt?.rfc3339), "replayable": .bool(obstacle == nil),
        ]
    }

    static func table(_ letters: [StoredDeadLetter], _ options: OutputOptions, now: Timestamp = .now) -> String {
        Output.table(
            ["MESSAGE", "SENDER", "KIND", "REASON", "DELIVERIES", "AGE", "STATUS"],
            letters.map {
                [
                    Output.printable($0.letter.messageSID), options.shown($0.letter.sender),
                    $0.letter.message?.kind.rawValue ?? "-", Output.printable($0.letter.reason),
                    "\($0.letter.deliveries)", Output.age(now - $0.letter.at),
                    $0.status.rawValue + ($0.isErased ? ", erased" : ""),
                ]
            })
    }
}

/// What a dead letter is known by, in Redis as in Postgres.
struct DeadLetterKey: Hashable, Sendable {
    let messageSID: String
    let at: Timestamp

    init(_ letter: DeadLetter) { (messageSID, at) = (letter.messageSID, letter.at) }
}
