import Common

/// What Redis has of an erased person beside their conversation: dead letters, and entries of the event stream.
struct ErasureRemains: Sendable {
    let redis: any RedisService
    let queue: QueueClient
    let stream: OutboxStreamKeys

    /// Entries of one read.
    private static let page = 500
    /// Clocks of ours and of Redis' may differ.
    private static let clockDifference = Duration.seconds(86_400)

    /// Takes their letters off the dead lists, and what is kept under their addresses.
    ///
    /// The conversation that they begin anew under the same address, if they do, loses nothing: its state is in the
    /// database too.
    func clearQueue(of erasure: OpenErasure, _ addresses: [String]) async throws(RedisError) {
        for address in addresses {
            for key in queue.keys.conversation(of: address) {
                _ = try await redis.send(RedisCommand("DEL", .init(key)))
            }
        }
        for shard in 0..<queue.keys.shards {
            let letters = try await letters(of: erasure, shard)
            if !letters.isEmpty { try await queue.discard(shard: shard, sids: [], entries: letters) }
        }
    }

    /// Their entries of a shard's dead list.
    private func letters(of erasure: OpenErasure, _ shard: Int) async throws(RedisError) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var first = 0
        while true {
            let reply = try await redis.send(
                RedisCommand(
                    "LRANGE", .init(queue.keys.dead(shard)), .init(first), .init(first + Self.page - 1)))
            let entries = reply.array ?? []
            for case .bytes(let entry) in entries where erasure.owns(DeadLetter(entry: entry)) { found.append(entry) }
            guard entries.count == Self.page else { return found }
            first += entries.count
        }
    }

    /// Takes events that tell their number, or where a file of theirs is, out of the stream; gives back how many.
    ///
    /// An entry cannot be changed. Who reads the stream and has not come to it yet learns of the user's end all the same.
    func clearStream(of erasure: OpenErasure) async throws(RedisError) -> Int {
        guard let since = erasure.knownSince else { return 0 }
        var removed = 0
        var start = "\(max(0, (since - Self.clockDifference).milliseconds))"
        while true {
            let reply = try await redis.send(
                RedisCommand(
                    "XRANGE", .init(stream.stream), .init(start), "+", "COUNT", .init(Self.page)))
            let entries = (reply.array ?? []).compactMap { StreamEntry($0) }
            for entry in entries where entry.subject == erasure.user.description && entry.isPersonal {
                _ = try await redis.send(RedisCommand("XDEL", .init(stream.stream), .init(entry.id)))
                removed += 1
            }
            guard entries.count == Self.page, let last = entries.last else { return removed }
            start = "(" + last.id
        }
    }
}

/// An entry of the event stream, as far as an erasure looks at it.
private struct StreamEntry {
    var id: String
    var subject: String?
    var data: String?

    init?(_ reply: RedisValue) {
        guard let parts = reply.array, parts.count == 2, let id = parts[0].string, let fields = parts[1].array else {
            return nil
        }
        self.id = id
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            switch fields[index].string {
            case "subject": subject = fields[index + 1].string
            case "data": data = fields[index + 1].string
            case _: break
            }
        }
    }

    /// Whether it tells who somebody is, or where something of theirs is.
    var isPersonal: Bool {
        guard let payload = data.flatMap({ JSONValue(parsing: Array($0.utf8)) }) else { return true }
        return PersonalTable.personalFields.contains { payload[$0]?.string != nil }
    }
}
