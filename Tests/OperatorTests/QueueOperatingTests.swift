import Common
import Logging
import TestSupport
import Testing

@Suite struct QueueOperatingTests {
    struct Overview: Decodable {
        struct Totals: Decodable {
            var drained: Int
            var done: Int
        }
        struct Shard: Decodable {
            var shard: Int
            var waiting: Int
            var paused: Bool
        }
        var waiting: Int
        var held: Int
        var ready: Int
        var delay: Int
        var lease: Int
        var dead: Int
        var oldestSeconds: Int?
        var paused: Bool
        var pausedShards: [Int]
        var totals: Totals
        var shards: [Shard]
    }

    struct Repairs: Decodable {
        var empty: Int
        var unplaced: Int
        var surplus: Int
        var total: Int
        var dryRun: Bool
    }

    func queue(_ fixture: QueueFixture) -> QueueClient {
        QueueClient(
            redis: fixture.client, waiting: fixture.client, keys: QueueKeys(shards: 1), limits: QueueLimits())
    }

    @Test func statsCountWhatWaits() async throws {
        try await withQueueFixture { fixture in
            let received = Timestamp.now - .seconds(120)
            for number in 1...3 {
                _ = try await fixture.redis(
                    "RPUSH", "{wa:0}:in",
                    .init(
                        QueueFixture.envelope(
                            "SM\(number)", from: "whatsapp:+44770090012\(number)", receivedAt: received)
                    ))
            }
            let client = queue(fixture)
            let turn = try await client.settleAndClaim(shard: 0, [], senders: 1)
            #expect(turn.claims.count == 1)
            let stats = try await fixture.run("queue", "stats", "--json").json(Overview.self)
            #expect(stats.waiting == 3 && stats.held == 3 && stats.lease == 1 && stats.ready == 2 && stats.dead == 0)
            #expect(stats.totals.drained == 3 && stats.totals.done == 0)
            #expect((120...180).contains(stats.oldestSeconds ?? 0))
            #expect(!stats.paused && stats.pausedShards.isEmpty && stats.shards.count == 1)
            let text = try await fixture.run("queue", "stats").output
            #expect(text.contains("WAITING") && text.contains("2 min") && text.contains("drained 3, done 0"))
            let wide = try await OperatorRun(
                ["queue", "stats"], environment: fixture.environment.merging(["QUEUE_SHARDS": "64"]) { $1 })
            #expect(wide.output.split(separator: "\n").count == 5, "empty shards are left out: \(wide.output)")
        }
    }

    @Test func aPausedQueueHandsOutNothingUntilItIsResumed() async throws {
        try await withQueueFixture { fixture in
            let client = queue(fixture)
            for sid in ["SM1", "SM2"] {
                _ = try await fixture.redis("RPUSH", "{wa:0}:in", .init(QueueFixture.envelope(sid)))
            }
            let held = try await client.settleAndClaim(shard: 0, [], senders: 8).claims
            let paused = try await fixture.run("queue", "pause", "--json")
            #expect(paused.output == #"{"paused":true,"shards":[0]}"# + "\n")
            _ = try await fixture.redis("RPUSH", "{wa:0}:in", .init(QueueFixture.envelope("SM3")))
            // What is in work is finished all the same.
            let settled = try await client.settleAndClaim(
                shard: 0, [QueueSettlement(held[0], done: 1, next: .ready, state: nil)], senders: 8)
            #expect(settled.claims.isEmpty && settled.stale.isEmpty)
            let stats = try await fixture.run("queue", "stats", "--json").json(Overview.self)
            #expect(stats.paused && stats.pausedShards == [0] && stats.waiting == 2)
            #expect(try await fixture.run("queue", "stats").output.contains("paused"))
            let resumed = try await fixture.run("queue", "resume")
            #expect(resumed.exitCode == 0 && resumed.output.contains("resumed"))
            let claims = try await client.settleAndClaim(shard: 0, [], senders: 8).claims
            let sids = try claims.flatMap { try $0.messages.map { try Envelope(decoding: $0).messageSID } }
            #expect(sids == ["SM2", "SM3"])
        }
    }

    @Test func repairFindsAndMendsWhatWasBrokenByHand() async throws {
        try await withQueueFixture { fixture in
            let (ann, bob, eve) = ("whatsapp:+447700900121", "whatsapp:+447700900122", "whatsapp:+447700900123")
            // Ann's messages were forgotten, bob has two turns, eve's list was deleted.
            _ = try await fixture.redis("RPUSH", "{wa:0}:q:\(ann)", .init(QueueFixture.envelope("SM1", from: ann)))
            _ = try await fixture.redis("HSET", "{wa:0}:own", .init(ann), "0:2")
            _ = try await fixture.redis("RPUSH", "{wa:0}:q:\(bob)", .init(QueueFixture.envelope("SM2", from: bob)))
            _ = try await fixture.redis("RPUSH", "{wa:0}:ready", .init(bob), .init(bob))
            _ = try await fixture.redis("ZADD", "{wa:0}:delay", 5, .init(eve))
            let before = try await snapshot(fixture)
            let dry = try await fixture.run("queue", "repair", "--dry-run", "--json").json(Repairs.self)
            #expect(dry.total == 3 && dry.empty == 1 && dry.unplaced == 1 && dry.surplus == 1 && dry.dryRun)
            #expect(try await snapshot(fixture) == before)
            let text = try await fixture.run("queue", "repair")
            #expect(text.exitCode == 0 && text.output.contains("unplaced") && text.output.contains("put right"))
            let after = try await fixture.run("queue", "repair", "--json").json(Repairs.self)
            #expect(after.total == 0 && !after.dryRun)
            #expect(try await fixture.run("queue", "repair").output.contains("nothing is wrong"))
            let claims = try await queue(fixture).settleAndClaim(shard: 0, [], senders: 8).claims
            #expect(Set(claims.map(\.sender)) == [ann, bob] && claims.count == 2)
            #expect(claims.first { $0.sender == ann }?.deliveries == 3, "what was counted stays counted")
        }
    }

    private func snapshot(_ fixture: QueueFixture) async throws -> [RedisValue] {
        [
            try await fixture.redis("LRANGE", "{wa:0}:ready", 0, -1),
            try await fixture.redis("ZRANGE", "{wa:0}:delay", 0, -1, "WITHSCORES"),
            try await fixture.redis("HGETALL", "{wa:0}:own"), try await fixture.redis("DBSIZE"),
        ]
    }
}
