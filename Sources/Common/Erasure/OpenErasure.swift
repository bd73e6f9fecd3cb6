/// An erasure whose unit is committed, and which is not finished.
package struct OpenErasure: Hashable, Sendable {
    package var user: UUID
    package var messageSID: String
    package var erasedAt: Timestamp
    package var knownSince: Timestamp?
    /// Nil once nothing names the person any more; then only the event stream is left to be looked through.
    package var addresses: [String]?
    /// Whether the reply is still to be sent or looked up.
    package var isAwaitingReply: Bool
    /// Of the message that asked for it.
    package var correlationID: CorrelationID?

    /// After so long what is waited for is not coming: a reply is not worth sending any more, and a log that old is dropped.
    private static let longestReply = Duration.seconds(86_400)
    private static let longestRelay = Duration.seconds(8 * 86_400)
    /// The clock of Redis, which dates dead letters, and ours may differ; nobody new has dead letters that soon.
    private static let clockDifference = Duration.seconds(5)

    /// Reads those that are open, the oldest first.
    package static func select(atMost limit: Int, now: Timestamp) -> SQL {
        let open: SQL = """
            SELECT e.user_id, e.message_sid, e.erased_at, e.known_since, e.addresses IS NULL,
                   array_to_string(e.addresses, ' '),
                   e.erased_at > \(now - longestReply) AND EXISTS (
                     SELECT 1 FROM outbound_messages o
                      WHERE o.in_reply_to = e.message_sid AND o.state IN ('sending', 'unknown')),
                   e.correlation_id
              FROM erasures e WHERE e.finished_at IS NULL ORDER BY e.erased_at LIMIT \(limit)
            """
        return open.named("erasures_open")
    }

    /// Reads a row of `select`.
    package init(_ row: PostgresRow) throws(PostgresError) {
        user = try row.column(0)
        messageSID = try row.column(1)
        erasedAt = try row.column(2)
        knownSince = try row.column(3)
        let isCleaned: Bool = try row.column(4)
        let joined: String? = try row.column(5)
        // Addresses are printable ASCII without a space.
        addresses = isCleaned ? nil : (joined ?? "").split(separator: " ").map(String.init)
        isAwaitingReply = try row.column(6)
        let correlation: String? = try row.column(7)
        correlationID = correlation.map { CorrelationID(accepting: $0) }
    }

    /// Asks whether the relay has events of theirs still to publish to the stream.
    package func isAwaitingRelay(now: Timestamp) -> SQL {
        let question: SQL = """
            SELECT \(erasedAt > now - Self.longestRelay) AND EXISTS (
              SELECT 1 FROM outbox_cursors c JOIN outbox_events e ON e.shard = c.shard AND e.sequence > c.last_sequence
               WHERE c.sink = 'redis' AND c.shard = \(OutboxShard.of(user.description))
                 AND e.ordering_key = \(user.description))
            """
        return question.named("erasure_relay")
    }

    /// Whether a dead letter is theirs: by its sender, or by who is named in what has none of its own.
    package func owns(_ letter: DeadLetter) -> Bool {
        if letter.messageSID == messageSID { return true }
        guard letter.at <= erasedAt + Self.clockDifference, let addresses else { return false }
        if letter.sender == "user:\(user)" || addresses.contains(letter.sender) { return true }
        guard letter.sender.isEmpty || letter.sender.hasPrefix("status:") else { return false }
        return addresses.contains { Self.names($0, in: letter.envelope) }
    }

    /// Whether bytes name an address: its number or user id, and not just a longer one that has the same beginning.
    static func names(_ address: String, in bytes: [UInt8]) -> Bool {
        let identity = identity(of: address)
        guard identity.count >= shortestIdentity else { return false }
        var place = bytes.startIndex
        while let found = bytes[place...].firstRange(of: identity) {
            let before = found.lowerBound > bytes.startIndex ? bytes[found.lowerBound - 1] : 0
            let after = found.upperBound < bytes.endIndex ? bytes[found.upperBound] : 0
            if !isDigit(before), !isDigit(after) { return true }
            place = found.lowerBound + 1
        }
        return false
    }

    private static let shortestIdentity = 7
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// What stands behind the channel's name, without the plus sign, which a form has as `%2B`.
    private static func identity(of address: String) -> [UInt8] {
        let identity = ChannelAddress(address)?.identity ?? address
        return Array((identity.hasPrefix("+") ? identity.dropFirst() : identity[...]).utf8)
    }

    // MARK: The rest

    /// Blanks the reply, and dead letters that were recorded meanwhile, when Redis has nothing any more; forgets the
    /// addresses.
    package func cleaning(at now: Timestamp) -> [SQL] {
        let addresses = addresses ?? []
        let letters: SQL = """
            message_sid = \(messageSID) OR (at <= \(erasedAt + Self.clockDifference) AND (
              sender = ANY (\(addresses)::text[]) OR sender = \("user:\(user)")
              OR ((sender = '' OR sender LIKE 'status:%') AND raw IS NOT NULL
                  AND encode(raw, 'escape') ~ ANY (\(addresses.compactMap(Self.pattern))::text[]))))
            """
        return [
            // Nobody records letters between this and the commit: see `DeadLetterLedger`.
            "SELECT pg_advisory_xact_lock('erasures'::regclass::oid::integer, 0)",
            PersonalTable.blankReplies(where: "in_reply_to = \(messageSID)").named("erase_reply"),
            PersonalTable.blankDeadLetters(where: letters, at: now).named("erase_letters"),
            "UPDATE erasures SET addresses = NULL, cleaned_at = clock_timestamp() WHERE user_id = \(user) AND cleaned_at IS NULL",
        ]
    }

    /// A regular expression for what `names` finds.
    private static func pattern(of address: String) -> String? {
        let identity = identity(of: address)
        guard identity.count >= shortestIdentity else { return nil }
        let escaped = String(decoding: identity, as: UTF8.self).map { character in
            character.isLetter || character.isNumber ? "\(character)" : "\\\(character)"
        }.joined()
        return "(^|[^0-9])\(escaped)($|[^0-9])"
    }

    /// Notes that nothing is left to be done.
    package func finishing(at now: Timestamp) -> SQL {
        "UPDATE erasures SET finished_at = \(now), correlation_id = NULL WHERE user_id = \(user) AND finished_at IS NULL"
    }
}
