/// The senders of a shard, page by page, wherever there is a trace of them.
struct SenderPages {
    enum Source: CaseIterable { case lists, owners, leased, delayed, ready }

    private static let pageSize = 500

    private let source: Source
    private let shard: Int
    private let client: QueueClient
    private var cursor = "0"
    private var isAtEnd = false

    init(_ source: Source, shard: Int, of client: QueueClient) {
        self.source = source
        self.shard = shard
        self.client = client
    }

    /// The next page, which may be empty; nil at the end.
    mutating func next() async throws(RedisError) -> [String]? {
        if isAtEnd { return nil }
        let prefix = client.keys.prefix(shard)
        return switch source {
        // A function, since only Redis knows which node of a cluster has the shard's keys.
        case .lists: try turn(try await client.call("wa_senders", shard, [.init(cursor)]), every: 1)
        case .owners: try turn(try await scan("HSCAN", prefix + "own"), every: 2)
        case .leased: try turn(try await scan("ZSCAN", prefix + "lease"), every: 2)
        case .delayed: try turn(try await scan("ZSCAN", prefix + "delay"), every: 2)
        case .ready: try await range(prefix + "ready")
        }
    }

    private func scan(_ command: String, _ key: String) async throws(RedisError) -> RedisValue {
        try await client.redis.send(
            RedisCommand(command, .init(key), .init(cursor), "COUNT", .integer(Self.pageSize)))
    }

    /// Reads a reply of SCAN's form, of whose elements the first of `step` are the senders.
    private mutating func turn(_ reply: RedisValue, every step: Int) throws(RedisError) -> [String] {
        guard let parts = reply.array, parts.count == 2, let next = parts[0].string, let found = parts[1].array else {
            throw .ofAnotherRelease
        }
        cursor = next
        isAtEnd = next == "0"
        return stride(from: 0, to: found.count, by: step).compactMap { found[$0].string }
    }

    private mutating func range(_ key: String) async throws(RedisError) -> [String] {
        let first = Int(cursor) ?? 0
        let reply = try await client.redis.send(
            RedisCommand("LRANGE", .init(key), .integer(first), .integer(first + Self.pageSize - 1)))
        let found = reply.array?.compactMap(\.string) ?? []
        cursor = String(first + found.count)
        isAtEnd = found.count < Self.pageSize
        return Array(Set(found))
    }
}
