import Common

/// Reads the queue's keys, a few entries at a time.
struct QueueReader: Sendable {
    /// The lists that hold messages.
    enum MessageList: Sendable { case ingress, stage, dead }

    private let connected: ConnectedQueue
    private var keys: QueueKeys { connected.keys }

    init(_ connected: ConnectedQueue) { self.connected = connected }

    /// The first messages of a list in all of `shards`, and how many there are.
    func messages(
        _ list: MessageList, _ shards: [Int], _ limit: Int
    ) async throws -> (entries: [QueuedMessage], length: Int) {
        var (entries, length): ([QueuedMessage], Int) = ([], 0)
        for shard in shards {
            let key: String
            switch list {
            case .ingress: key = keys.ingress(shard)
            case .stage: key = keys.stage(shard)
            case .dead: key = keys.dead(shard)
            }
            length += try await integer("LLEN", .init(key))
            for bytes in try await range(key, limit - entries.count) {
                switch list {
                case .ingress, .stage: entries.append(QueuedMessage(envelope: bytes))
                case .dead: entries.append(QueuedMessage(dead: bytes))
                }
            }
        }
        return (entries, length)
    }

    /// The first messages of one sender, and where it stands.
    func messages(of sender: String, limit: Int) async throws -> (QueuedSender, [QueuedMessage]) {
        let shard = keys.shard(of: sender)
        let prefix = keys.prefix(shard)
        let place: QueuedSender.Place
        if let until = try await score(prefix + "lease", sender) {
            place = .leased(until: until)
        } else if let until = try await score(prefix + "delay", sender) {
            place = .delayed(until: until)
        } else {
            let reply = try await connected.redis.send(RedisCommand("LPOS", .init(prefix + "ready"), .init(sender)))
            place = reply.isNull ? .idle : .ready
        }
        let messages = try await range(prefix + "q:" + sender, limit).map { QueuedMessage(envelope: $0) }
        return (try await queued(sender, place, shard), messages)
    }

    /// The senders whose turn comes next.
    func ready(_ shards: [Int], _ limit: Int) async throws -> (entries: [QueuedSender], length: Int) {
        var (entries, length): ([QueuedSender], Int) = ([], 0)
        for shard in shards {
            let key = keys.prefix(shard) + "ready"
            length += try await integer("LLEN", .init(key))
            for sender in try await range(key, limit - entries.count) {
                entries.append(try await queued(String(decoding: sender, as: UTF8.self), .ready, shard))
            }
        }
        return (entries, length)
    }

    /// The senders in `lease` or `delay`, those first whose time is up first.
    func timed(_ list: String, _ shards: [Int], _ limit: Int) async throws -> (entries: [QueuedSender], length: Int) {
        var (entries, length): ([QueuedSender], Int) = ([], 0)
        for shard in shards {
            let key = keys.prefix(shard) + list
            length += try await integer("ZCARD", .init(key))
            guard limit > entries.count else { continue }
            let reply = try await connected.redis.send(
                RedisCommand("ZRANGE", .init(key), 0, .init(limit - entries.count - 1), "WITHSCORES"))
            let pairs = (reply.array ?? []).compactMap(\.string)
            for index in stride(from: 0, to: pairs.count - 1, by: 2) {
                let until = Self.moment(pairs[index + 1])
                let place: QueuedSender.Place = list == "lease" ? .leased(until: until) : .delayed(until: until)
                entries.append(try await queued(pairs[index], place, shard))
            }
        }
        return (entries, length)
    }

    private func queued(_ sender: String, _ place: QueuedSender.Place, _ shard: Int) async throws -> QueuedSender {
        let prefix = keys.prefix(shard)
        let own = try await connected.redis.send(RedisCommand("HGET", .init(prefix + "own"), .init(sender)))
        return QueuedSender(
            sender, place, waiting: try await integer("LLEN", .init(prefix + "q:" + sender)), own: own.string)
    }

    private func range(_ key: String, _ limit: Int) async throws -> [[UInt8]] {
        guard limit > 0 else { return [] }
        let reply = try await connected.redis.send(
            RedisCommand("LRANGE", .init(key), 0, .init(limit - 1)), within: .seconds(10))
        return (reply.array ?? []).compactMap(\.payload)
    }

    private func score(_ key: String, _ member: String) async throws -> Timestamp? {
        try await connected.redis.send(RedisCommand("ZSCORE", .init(key), .init(member))).string.map(Self.moment)
    }

    private func integer(_ command: String, _ key: RedisArgument) async throws -> Int {
        try await connected.redis.send(RedisCommand(command, key)).int ?? 0
    }

    /// A score: milliseconds of Redis' clock.
    private static func moment(_ score: String) -> Timestamp {
        Timestamp(microseconds: Int64((Double(score) ?? 0) * 1000))
    }
}
