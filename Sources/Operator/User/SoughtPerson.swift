import Common

/// Whoever a number or an address on the command line means.
struct SoughtPerson: Sendable {
    /// Nil for somebody without a row, of whom there may be messages all the same.
    let user: UUID?
    /// Their address, as the queue has it.
    let address: String
    /// Every address that is theirs: rows of messages have the one that they wrote under.
    let addresses: [String]

    init(user: UUID?, address: String, others: [String?]) {
        self.user = user
        self.address = address
        addresses = Set([address] + others.compactMap { $0 }).sorted()
    }

    /// Finds them; throws `AmbiguousPerson` when a number is one's address and another's proven number.
    static func find(_ sought: SenderArgument, on servers: ConnectedOperator) async throws -> SoughtPerson {
        let number = sought.isNumber ? sought.phoneNumber : nil
        let known: SQL = """
            SELECT id, sender, 'whatsapp:' || phone_number, external_user_id FROM users
             WHERE sender = \(sought.text) OR external_user_id = \(sought.text) OR phone_number = \(number)
             ORDER BY (sender = \(sought.text)) DESC, created_at
            """
        let rows = try await servers.postgres.unit(known.named("operator_person")).rows
        guard let row = rows.first else { return SoughtPerson(user: nil, address: sought.text, others: []) }
        if rows.count > 1 {
            throw AmbiguousPerson(addresses: try rows.map { row throws(PostgresError) in try row.column(1) })
        }
        return SoughtPerson(
            user: try row.column(0), address: try row.column(1), others: [try row.column(2), try row.column(3)])
    }

    /// Whoever an address is, as rows of messages have it; who is not known is nobody but the address.
    static func find(address: String, on servers: ConnectedOperator) async throws(PostgresError) -> SoughtPerson {
        let id = address.hasPrefix("user:") ? UUID(address.dropFirst("user:".count)) : nil
        let known: SQL = """
            SELECT id, sender, 'whatsapp:' || phone_number, external_user_id FROM users
             WHERE sender = \(address) OR external_user_id = \(address) OR id = \(id)
             ORDER BY (sender = \(address)) DESC, created_at LIMIT 1
            """
        guard let row = try await servers.postgres.unit(known.named("operator_person")).rows.first else {
            return SoughtPerson(user: nil, address: address, others: [])
        }
        return SoughtPerson(
            user: try row.column(0), address: try row.column(1),
            others: [address, try row.column(2), try row.column(3)])
    }

    /// What of them is in the queue's Redis.
    struct Queued: Sendable {
        /// The conversation's state, as JSON.
        var state: [UInt8]?
        var waiting: [[UInt8]]
    }

    /// Reads what Redis has under their addresses: messages are those that are with their sender already.
    func queued(on queue: ConnectedQueue) async throws(RedisError) -> Queued {
        var queued = Queued(waiting: [])
        for address in addresses {
            let prefix = queue.keys.prefix(queue.keys.shard(of: address))
            if case .bytes(let state) = try await queue.redis.send(
                RedisCommand("GET", .init(queue.keys.state(of: address))))
            {
                queued.state = state
            }
            let list = try await queue.redis.send(RedisCommand("LRANGE", .init(prefix + "q:" + address), 0, 999))
            for case .bytes(let envelope) in list.array ?? [] { queued.waiting.append(envelope) }
        }
        return queued
    }
}

/// A number that means more than one person.
struct AmbiguousPerson: OperatorFailure, CustomStringConvertible {
    let addresses: [String]

    var description: String {
        let shown = addresses.map { ChannelAddress($0)?.description ?? "…" }.joined(separator: " and ")
        return """
            this number is one person's address and another's proven number (\(shown)): give the address of the one \
            who is meant, whatsapp:+44… or whatsapp:GB.…
            """
    }
}

/// Nobody is known by what was given.
struct UnknownPerson: OperatorFailure, CustomStringConvertible {
    let shown: String

    var description: String {
        """
        nobody is known as \(shown), and nothing is kept of them: check the number; people who hide it write under a \
        user id (whatsapp:GB.…)
        """
    }
}
