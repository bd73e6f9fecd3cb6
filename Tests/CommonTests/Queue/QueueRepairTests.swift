import Common
import TestSupport
import Testing

/// Queues that something else than the functions has changed.
@Suite struct QueueRepairTests {
    /// Something broken by hand, and how it is to be counted.
    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var commands: [[RedisArgument]]
        var expected: [Kind: Int]
        /// Whether ann's message is to be claimable afterwards.
        var isClaimable = true
    }

    enum Kind: String { case empty, unplaced, owner, unleased, unowned, surplus }

    static let damages = [
        Damage(
            testDescription: "messages without a place", commands: [["LREM", "{wa:0}:ready", 0, "ann"]],
            expected: [.unplaced: 1]),
        Damage(
            testDescription: "twice in the ring",
            commands: [["RPUSH", "{wa:0}:ready", "ann"], ["LPUSH", "{wa:0}:ready", "ann"]],
            expected: [.surplus: 1]),
        Damage(
            testDescription: "ready and paused", commands: [["ZADD", "{wa:0}:delay", "9000000000000", "ann"]],
            expected: [.surplus: 1]),
        Damage(
            testDescription: "ready and leased, without an owner",
            commands: [["ZADD", "{wa:0}:lease", "9000000000000", "ann"]], expected: [.unowned: 1]),
        Damage(
            testDescription: "leased without an owner and nowhere else",
            commands: [["LREM", "{wa:0}:ready", 0, "ann"], ["ZADD", "{wa:0}:lease", "9000000000000", "ann"]],
            expected: [.unowned: 1]),
        Damage(
            testDescription: "an owner without a lease",
            commands: [["LREM", "{wa:0}:ready", 0, "ann"], ["HSET", "{wa:0}:own", "ann", "77:2"]],
            expected: [.unplaced: 1, .unleased: 1]),
        Damage(
            testDescription: "an owner that cannot be read", commands: [["HSET", "{wa:0}:own", "ann", "x"]],
            expected: [.owner: 1]),
        Damage(
            testDescription: "a list that was deleted, its sender ready", commands: [["DEL", "{wa:0}:q:ann"]],
            expected: [.empty: 1], isClaimable: false),
        Damage(
            testDescription: "a list that was deleted, its sender paused",
            commands: [["DEL", "{wa:0}:q:ann", "{wa:0}:ready"], ["ZADD", "{wa:0}:delay", "9000000000000", "ann"]],
            expected: [.empty: 1], isClaimable: false),
        Damage(
            testDescription: "a list that was deleted, its sender leased",
            commands: [
                ["DEL", "{wa:0}:q:ann", "{wa:0}:ready"], ["ZADD", "{wa:0}:lease", "9000000000000", "ann"],
                ["HSET", "{wa:0}:own", "ann", "77:1"],
            ], expected: [.empty: 1], isClaimable: false),
        Damage(
            testDescription: "an owner of nothing",
            commands: [["DEL", "{wa:0}:q:ann", "{wa:0}:ready"], ["HSET", "{wa:0}:own", "ann", "0:3"]],
            expected: [.empty: 1], isClaimable: false),
    ]

    @Test(arguments: damages) func damageIsFoundCountedAndMendedOnce(_ damage: Damage) async throws {
        try await withQueue { queue in
            try await ready(queue)
            for command in damage.commands {
                guard case .text(let name) = command[0] else { continue }
                _ = try await queue.redis.send(RedisCommand(name, Array(command.dropFirst())))
            }
            let repairs = try await queue.client.repair(shard: 0)
            #expect(repairs == Self.repairs(damage.expected))
            let again = try await queue.client.repair(shard: 0)
            #expect(again.total == 0)
            #expect(try await queue.drain() == (damage.isClaimable ? ["SM1"] : []))
            #expect(
                try await queue.integer(
                    RedisCommand("EXISTS", "{wa:0}:own", "{wa:0}:lease", "{wa:0}:delay", "{wa:0}:ready")) == 0)
        }
    }

    @Test func aHolderKeepsItsLeaseAndLosesOnlyItsOtherPlaces() async throws {
        try await withQueue { queue in
            try await queue.push("SM1", from: "ann")
            let claim = try await queue.claim().claims[0]
            _ = try await queue.send("RPUSH", "{wa:0}:ready", "ann", "ann")
            _ = try await queue.send("ZADD", "{wa:0}:delay", 1, "ann")
            let repairs = try await queue.client.repair(shard: 0)
            #expect(repairs == Self.repairs([.surplus: 2]))
            #expect(try await queue.claim().claims.isEmpty)
            let turn = try await queue.claim([QueueSettlement(claim, done: 1, next: .ready, state: nil)])
            #expect(turn.stale.isEmpty && turn.claims.isEmpty)
        }
    }

    @Test func aSoundQueueIsLeftAsItIs() async throws {
        try await withQueue { queue in
            for number in 1...700 { try await queue.push("SM\(number)", from: "s\(number)") }
            let claims = try await queue.claim().claims
            _ = try await queue.claim(
                [QueueSettlement(claims[0], done: 0, next: .retry(after: .seconds(60)), state: nil)], senders: 1)
            while try await queue.stats().ingress > 0 { _ = try await queue.claim(senders: 1) }
            let before = try await dump(queue)
            var looked = 0
            let repairs = try await queue.client.repair(shard: 0) { looked = $0 }
            #expect(repairs.total == 0)
            #expect(looked >= 700)
            #expect(try await dump(queue) == before)
        }
    }

    /// A message of ann's, in her list, her turn in the ring.
    private func ready(_ queue: TestQueue) async throws {
        try await queue.push("SM1", from: "ann")
        let claim = try await queue.claim().claims[0]
        _ = try await queue.claim([QueueSettlement(claim, done: 0, next: .release, state: nil)], senders: 0)
        #expect(try await queue.integer(RedisCommand("LLEN", "{wa:0}:ready")) == 1)
    }

    private func dump(_ queue: TestQueue) async throws -> [RedisValue] {
        [
            try await queue.send("LRANGE", "{wa:0}:ready", 0, -1), try await queue.send("HGETALL", "{wa:0}:own"),
            try await queue.send("ZRANGE", "{wa:0}:lease", 0, -1, "WITHSCORES"),
            try await queue.send("ZRANGE", "{wa:0}:delay", 0, -1, "WITHSCORES"),
        ]
    }

    private static func repairs(_ expected: [Kind: Int]) -> QueueRepairs {
        var repairs = QueueRepairs()
        repairs.empty = expected[.empty] ?? 0
        repairs.unplaced = expected[.unplaced] ?? 0
        repairs.owner = expected[.owner] ?? 0
        repairs.unleased = expected[.unleased] ?? 0
        repairs.unowned = expected[.unowned] ?? 0
        repairs.surplus = expected[.surplus] ?? 0
        return repairs
    }
}
