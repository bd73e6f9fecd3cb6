import Common
import QueueModel
import TestSupport
import Testing

extension QueueModelTests {
    /// A call that an error cuts off in the middle loses no message and no order, and handles none twice.
    ///
    /// A key of another type makes the functions fail where they first change it, after all that they had changed before.
    @Suite struct CutCallTests {
        static let keys = [
            "in", "stage", "ready", "lease", "delay", "own", "dead", "ctr", "dd", "q:a", "q:b", "q:c", "q:d",
        ]

        @Test(arguments: keys)
        func whatIsLeftOfACallCanBeMended(key: String) async throws {
            try await withQueue { _, clients, queue, producer in
                var scene = Scene(redis: clients[0], queue: queue, producer: producer)
                try await scene.prepare()
                try await scene.failToSettle(without: key == "dd" ? try await scene.seenKey() : "{wa:0}:\(key)")
                _ = try await queue.repair(shard: 0, Portrait.senders)
                try await scene.handleTheRest()
                #expect(scene.handled["a"] == ["a1", "a2", "a3"])
                #expect(scene.handled["b"] == ["b1", "b2"])
                #expect(scene.handled["d"] == ["d1"])
                let c1 = scene.dead.contains { $0.contains("\u{1f}c1\u{1f}") } ? [] : ["c1"]
                #expect(scene.handled["c"] == c1 + ["c2"])
                #expect(scene.dead.contains { $0.hasPrefix("malformed\u{1f}") })
                let stats = try await queue.stats(shard: 0)
                #expect(stats.waiting == 0 && stats.ready + stats.leased + stats.delayed == 0)
            }
        }
    }
}

/// Senders in every place there is: held, paused, with a lease that has run out too often, new.
private struct Scene {
    let redis: RedisClient
    let queue: QueueClient
    let producer: QueueProducer
    /// What had effects, in order; a message that comes again has none.
    var handled: [String: [String]] = [:]
    var dead: [String] = []
    private var settlements: [QueueSettlement] = []

    init(redis: RedisClient, queue: QueueClient, producer: QueueProducer) {
        (self.redis, self.queue, self.producer) = (redis, queue, producer)
    }

    private func push(_ sid: String) async throws {
        try await producer.push(
            Envelope(
                messageSID: sid, sender: String(sid.prefix(1)), receivedAt: .now, correlationID: CorrelationID(),
                kind: .message, body: []))
    }

    private func send(_ name: String, _ arguments: RedisArgument...) async throws {
        _ = try await redis.send(RedisCommand(name, arguments))
    }

    func seenKey() async throws -> String {
        try await redis.send(RedisCommand("KEYS", "{wa:0}:dd:*")).array?.first?.string ?? "none"
    }

    mutating func prepare() async throws {
        try await send("FLUSHALL")
        for sid in ["c1"] { try await push(sid) }
        for _ in 0..<DifferentialRun.rules.deliveries {
            _ = try await queue.settleAndClaim(shard: 0, [], senders: 1)
            try await send("ZADD", "{wa:0}:lease", "XX", 1, "c")
        }
        try await push("b1")
        let b = try await queue.settleAndClaim(shard: 0, [], senders: 0)
        #expect(b.claims.isEmpty)
        try await send("ZADD", "{wa:0}:lease", "XX", 4_000_000_000_000, "c")
        let claimed = try await queue.settleAndClaim(shard: 0, [], senders: 1).claims
        let pause = claimed.map { QueueSettlement($0, done: 0, next: .retry(after: .seconds(9)), state: nil) }
        _ = try await queue.settleAndClaim(shard: 0, pause, senders: 0)
        for sid in ["a1", "a2"] { try await push(sid) }
        let held = try await queue.settleAndClaim(shard: 0, [], senders: 1).claims
        #expect(held.map(\.sender) == ["a"])
        handle(held, done: 1)
        try await send("ZADD", "{wa:0}:lease", "XX", 1, "c")
        try await send("ZADD", "{wa:0}:delay", "XX", 1, "b")
        try await push("d1")
        _ = try await redis.send(RedisCommand("LMOVE", "{wa:0}:in", "{wa:0}:stage", "LEFT", "RIGHT"))
        for sid in ["a3", "c2"] { try await push(sid) }
        try await send("RPUSH", "{wa:0}:in", "nonsense")
        try await push("b2")
    }

    private mutating func handle(_ claims: [QueueClaim], done: Int? = nil) {
        for claim in claims {
            let sids = claim.messages.prefix(done ?? .max).compactMap { try? Envelope(decoding: $0).messageSID }
            for sid in sids where handled[claim.sender]?.contains(sid) != true {
                handled[claim.sender, default: []].append(sid)
            }
            settlements.append(QueueSettlement(claim, done: sids.count, next: .ready, state: Array("S".utf8)))
        }
    }

    /// The call fails; then the key is what it was.
    func failToSettle(without key: String) async throws {
        let exists = try await redis.send(RedisCommand("EXISTS", .init(key))).int == 1
        if exists { try await send("RENAME", .init(key), "aside") }
        try await send("SET", .init(key), "of another type")
        await #expect(throws: RedisError.self) {
            try await queue.settleAndClaim(shard: 0, settlements, senders: 3)
        }
        try await send("DEL", .init(key))
        if exists { try await send("RENAME", "aside", .init(key)) }
    }

    /// Settles again what was to be settled, and goes on until nothing waits; leases nobody knows of run out.
    mutating func handleTheRest() async throws {
        for _ in 0..<30 {
            let turn = try await queue.settleAndClaim(shard: 0, settlements, senders: 3)
            settlements = []
            handle(turn.claims)
            if turn.claims.isEmpty {
                for sender in Portrait.senders {
                    try await send("ZADD", "{wa:0}:lease", "XX", 1, .init(sender))
                    try await send("ZADD", "{wa:0}:delay", "XX", 1, .init(sender))
                }
            }
        }
        dead = try await redis.send(RedisCommand("LRANGE", "{wa:0}:dead", 0, -1)).array?.compactMap(\.string) ?? []
    }
}
