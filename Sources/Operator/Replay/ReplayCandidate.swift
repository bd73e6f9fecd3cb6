import Common

/// A stored message that may be replayed, from either table.
struct ReplayCandidate: Sendable {
    /// As what it is replayed.
    enum Role: String, Sendable, CaseIterable {
        /// Stored, and never processed.
        case unprocessed
        /// Given up on, and not dealt with yet.
        case dead
        /// Processed before: all of it happens once more.
        case newRun = "new_run"
    }

    let role: Role
    let messageSID: String
    let sender: String
    let receivedAt: Timestamp
    /// Where it stands among those received in the same microsecond.
    let place: Int64
    /// Nil when it has been blanked, or when nobody can read it.
    let envelope: [UInt8]?
    let letter: DeadLetter?
    let kind: Envelope.Kind?
    let isRedacted: Bool

    init(_ row: PostgresRow) throws(PostgresError) {
        messageSID = try row.column("message_sid")
        sender = try row.column("sender")
        receivedAt = try row.column("received_at")
        place = try row.column("place")
        let raw: [UInt8]? = try row.column("raw")
        if let at: Timestamp = try row.column("at") {
            var letter = DeadLetter(reason: "", error: "", deliveries: 0, at: at, envelope: raw ?? [])
            letter.messageSID = messageSID
            self.letter = letter
            role = .dead
            kind = letter.message?.kind
            envelope = letter.hasHeader ? raw : nil
            isRedacted = letter.isRedacted
            return
        }
        letter = nil
        let isProcessed: Bool = try row.column("is_processed")
        let runs: Int = try row.column("runs")
        role = isProcessed ? .newRun : .unprocessed
        let kind = Envelope.Kind(rawValue: try row.column("kind"))
        self.kind = kind
        guard let kind, let raw else {
            (envelope, isRedacted) = (nil, false)
            return
        }
        envelope =
            Envelope(
                messageSID: isProcessed ? "\(messageSID):replay:\(runs + 1)" : messageSID, sender: sender,
                receivedAt: receivedAt,
                correlationID: CorrelationID(accepting: try row.column("correlation_id", as: String?.self)),
                kind: kind, body: raw
            ).encoded()
        isRedacted = FormParameters(parsing: raw)?.isRedacted ?? false
    }

    /// What it is called on the queue.
    var runSID: String? {
        envelope.map { DeadLetter(reason: "", error: "", deliveries: 0, at: receivedAt, envelope: $0).messageSID }
    }
}
