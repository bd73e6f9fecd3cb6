import Common
import Glibc
import TestSupport
import Testing

@testable import Relay

/// The built program with real servers, killed and stopped in the middle of its work.
@Suite struct RelayProcessTests {
    /// The stream has each event of the log once, in commit order, whenever a relay was killed.
    @Test(.timeLimit(.minutes(1)), arguments: [UInt64(1), 2])
    func killingRelaysLosesAndRepeatsNothing(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        try await withRelayFixture { fixture in
            try await fixture.withRelays(2, lease: 1) { relays in
                try await fixture.underLoad {
                    for relay in relays { try await relay.process.start() }
                    for round in 0..<6 {
                        try await fixture.untilSomethingIsPublished()
                        try await Task.sleep(for: .microseconds(Int.random(in: 0...60_000, using: &random)))
                        let relay = relays[round % 2]
                        try await relay.process.stop(SIGKILL)
                        try await relay.process.start()
                    }
                }
                try await fixture.untilAllIsPublished()
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log, "seed \(seed)")
        }
    }

    /// A relay that is paused for longer than its lease goes on where it was stopped, with shards of others.
    @Test(.timeLimit(.minutes(1))) func aRelayThatSleptPastItsLeaseAddsNothing() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withRelays(2, lease: 1) { relays in
                try await fixture.underLoad {
                    for relay in relays { try await relay.process.start() }
                    try await until("both publish") { try await fixture.shares() == [32, 32] }
                    for round in 0..<3 {
                        try await fixture.untilSomethingIsPublished()
                        await relays[round % 2].process.send(SIGSTOP)
                        try await until("the other has all") { try await fixture.shares() == [64] }
                        await relays[round % 2].process.send(SIGCONT)
                        try await until("both publish again") { try await fixture.shares() == [32, 32] }
                    }
                }
                try await fixture.untilAllIsPublished()
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log)
        }
    }

    /// SIGTERM gives shards back at once: nobody waits for the lease, which is a minute.
    @Test(.timeLimit(.minutes(1))) func aRelayThatIsToldToStopHandsOver() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withRelays(2, lease: 60) { relays in
                try await fixture.underLoad {
                    for relay in relays { try await relay.process.start() }
                    try await until("both publish") { try await fixture.shares() == [32, 32] }
                    let start = ContinuousClock.now
                    try await relays[0].process.stop(SIGTERM)
                    try await until("the other has all") { try await fixture.shares() == [64] }
                    #expect(.now - start < .seconds(5))
                }
                try await fixture.untilAllIsPublished()
                try await relays[1].process.stop(SIGTERM)
                #expect(try await fixture.shares() == [])
                // Started again, it goes on where it stopped.
                try await fixture.append(20)
                try await relays[1].process.start()
                try await fixture.untilAllIsPublished()
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log)
        }
    }

    /// Polling alone would take half a second in the mean.
    @Test(.timeLimit(.minutes(1))) func aHintSparesTheWaitForTheNextLook() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withRelays(1, lease: 15) { relays in
                try await relays[0].process.start()
                let user = UUID.timeOrdered()
                try await fixture.append(1, users: [user])
                try await fixture.untilAllIsPublished()
                // Until polling has slowed down to a second.
                try await Task.sleep(for: .milliseconds(2500))
                var waits: [Duration] = []
                for _ in 0..<15 {
                    let start = ContinuousClock.now
                    try await fixture.append(1, users: [user])
                    let hint = OutboxWakeUp.command(shard: OutboxShard.of(user.description))
                    _ = try await fixture.redisClient.send(hint)
                    try await fixture.untilAllIsPublished()
                    waits.append(.now - start)
                }
                #expect(waits.sorted()[7] < .milliseconds(150), "\(waits)")
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func readinessMeansThatEventsLeaveInTime() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withRelays(2, lease: 15) { relays in
                let client = HTTPClient(reactor: fixture.reactor)
                let rename = "SET search_path = whatsapp_handler; ALTER TABLE"
                try await fixture.postgres.psql("\(rename) schema_migrations RENAME TO elsewhere")
                for relay in relays { try await relay.process.start() }
                try await until("it answers") { await relays[0].page("/health", client)?.status == 200 }
                #expect(await relays[0].page("/ready", client)?.body.contains("migrations") == true)
                try await fixture.postgres.psql("\(rename) elsewhere RENAME TO schema_migrations")
                for relay in relays {
                    try await until("idle relays are ready") { await relay.page("/ready", client)?.status == 200 }
                }
                try await fixture.append(3)
                try await fixture.untilAllIsPublished()
                try await until("it is counted") {
                    var pages = ""
                    for relay in relays { pages += await relay.page("/metrics", client)?.body ?? "" }
                    return pages.contains(#"whatsapp_outbox_published_total{sink="redis",type="user.opted_in"}"#)
                        && pages.contains("whatsapp_outbox_lag_seconds") && pages.contains("whatsapp_outbox_pending")
                }
                await client.close()
            }
        }
    }

    /// A stream that takes nothing: the relay says so once events are older than they may be, and goes on by itself.
    @Test(.timeLimit(.minutes(1))) func aRelayWhoseEventsAreLateIsNotReady() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withRelays(1, lease: 3, variables: ["RELAY_MAX_LAG_SECONDS": "1"]) { relays in
                let client = HTTPClient(reactor: fixture.reactor)
                try await relays[0].process.start()
                try await until("it is ready") { await relays[0].page("/ready", client)?.status == 200 }
                _ = try await fixture.redisClient.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
                try await fixture.append(3)
                try await until("it says what it waits for") {
                    let page = await relays[0].page("/ready", client)
                    return page?.status == 503 && page?.body.contains("outbox_redis") == true
                }
                let metrics = try #require(await relays[0].page("/metrics", client)?.body)
                #expect(metrics.contains("\nwhatsapp_outbox_pending 3\n"))
                #expect(metrics.contains(#"whatsapp_outbox_sink_pending{sink="redis"} 3"#))
                #expect(metrics.contains(#"whatsapp_outbox_breaker_state{sink="redis"}"#))
                _ = try await fixture.redisClient.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))
                try await until("it is ready again") { await relays[0].page("/ready", client)?.status == 200 }
                try await fixture.untilAllIsPublished()
                await client.close()
            }
        }
    }
}
