/// Which workers live: each keeps a key in Redis that runs out when it falls silent.
///
/// `{wa:workers}` is a sorted set of their ids by the time of their last sign (by their own clocks, in milliseconds);
/// `{wa:workers}:<id>` is the sign itself, which Redis drops `silence` after the last one. All share one slot of a
/// cluster. Nothing depends on it: it is for people who look.
package struct WorkerRegistry: Sendable {
    /// How often a worker gives a sign.
    package static let interval = Duration.seconds(3)
    /// How long after its last sign a worker counts as alive.
    package static let silence = Duration.seconds(12)
    /// How long one that fell silent without leaving is still told of.
    package static let memory = Duration.seconds(3600)
    /// How many are read at most.
    private static let most = 500

    private static let index: RedisArgument = "{wa:workers}"
    private let redis: any RedisService

    package init(redis: any RedisService) { self.redis = redis }

    /// A worker as Redis knows it.
    package enum Sighting: Hashable, Sendable {
        /// Its last sign, and how long ago that was.
        case alive(WorkerSign, seen: Duration)
        /// It has given no sign since then, and did not leave: it was killed, hangs, or cannot reach Redis.
        case silent(UUID, since: Timestamp)
    }

    /// Gives a sign, which takes the place of the one before.
    package func beat(_ sign: WorkerSign, now: Timestamp = .now) async throws(RedisError) {
        let replies = try await redis.send([
            RedisCommand(
                "SET", Self.key(sign.id), .init(sign.json.text), "PX", .init(Int(Self.silence.wholeMilliseconds))),
            RedisCommand("ZADD", Self.index, .init(Int(now.milliseconds)), .init(sign.id.description)),
            RedisCommand(
                "ZREMRANGEBYSCORE", Self.index, "-inf", .init(Int((now - Self.memory).milliseconds))),
        ])
        for case .error(let text) in replies { throw RedisError(reply: text) }
    }

    /// Says good-bye: a worker that was stopped is not missed.
    package func leave(_ id: UUID) async throws(RedisError) {
        _ = try await redis.send([
            RedisCommand("DEL", Self.key(id)), RedisCommand("ZREM", Self.index, .init(id.description)),
        ])
    }

    /// All that are alive, the longest-running first, then those that fell silent.
    package func all() async throws(RedisError) -> [Sighting] {
        let reply = try await redis.send(
            RedisCommand("ZREVRANGE", Self.index, 0, .init(Self.most - 1), "WITHSCORES"))
        let pairs = (reply.array ?? []).compactMap(\.string)
        let known: [(id: UUID, at: Timestamp)] = stride(from: 0, to: pairs.count - 1, by: 2).compactMap { place in
            guard let id = UUID(pairs[place]), let score = Double(pairs[place + 1]) else { return nil }
            return (id, Timestamp(microseconds: Int64(score) * 1000))
        }
        // A sign and what is left of its time are asked for together, worker by worker.
        let answers = try await redis.send(
            known.flatMap { [RedisCommand("GET", Self.key($0.id)), RedisCommand("PTTL", Self.key($0.id))] })
        var alive: [(sign: WorkerSign, seen: Duration)] = []
        var silent: [Sighting] = []
        for (place, worker) in known.enumerated() {
            if let bytes = answers[2 * place].payload, let left = answers[2 * place + 1].int, left > 0,
                let sign = WorkerSign(id: worker.id, json: bytes)
            {
                alive.append((sign, max(.zero, Self.silence - .milliseconds(left))))
            } else {
                silent.append(.silent(worker.id, since: worker.at))
            }
        }
        alive.sort { ($0.sign.startedAt, $0.sign.id.description) < ($1.sign.startedAt, $1.sign.id.description) }
        return alive.map { .alive($0.sign, seen: $0.seen) } + silent
    }

    private static func key(_ id: UUID) -> RedisArgument { .text("{wa:workers}:\(id)") }
}
