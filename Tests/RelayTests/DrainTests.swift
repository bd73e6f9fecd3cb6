import Common
import TestSupport
import Testing

@testable import Relay

@Suite struct DrainTests {
    @Test func whatIsAppendedIsPublishedAsACloudEvent() async throws {
        try await withRelayFixture { fixture in
            let user = UUID.timeOrdered()
            let cause = OutboxCause(
                correlationID: CorrelationID(accepting: "c-1"), messageSID: "SM1", traceparent: "00-a-b-01")
            let event = OutboxEvent.userRegistered(user, phoneNumber: "+447700900123", at: .now, cause: cause)
            try await fixture.withDrain { _, status in
                _ = try await fixture.database.unit(event.appendStatement())
                try await fixture.untilAllIsPublished()
                let fields = try #require(try await fixture.published().first).fields
                #expect(fields["id"] == event.id.description)
                #expect(fields["type"] == "user.registered")
                #expect(fields["source"] == "whatsapp-handler")
                #expect(fields["subject"] == user.description)
                #expect(fields["seq"] == "1")
                #expect(fields["version"] == "1")
                #expect(fields["traceparent"] == "00-a-b-01")
                #expect(fields["time"]?.hasSuffix("Z") == true)
                let data = try #require(fields["data"])
                #expect(data.contains(#""phone_number": "+447700900123""#) && data.contains(#""causation_id": "SM1""#))
                try await until("progress was measured") { status.isHealthy }
            }
            // Everything is given back.
            #expect(try await fixture.shares() == [])
        }
    }

    /// With a lease of a minute and no hints: what is published under load is the log, shard by shard.
    @Test func concurrentWritersArePublishedInCommitOrder() async throws {
        try await withRelayFixture { fixture in
            let users = (0..<20).map { _ in UUID.timeOrdered() }
            try await fixture.withDrain(lease: .seconds(60)) { _, _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 { group.addTask { try await fixture.append(200, users: users.shuffled()) } }
                    try await group.waitForAll()
                }
                try await fixture.untilAllIsPublished()
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log)
            #expect(orders.log.values.map(\.count).reduce(0, +) == 1600)
        }
    }

    @Test func relaysShareFairlyAndTakeOverWhatIsGivenBack() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withDrain(lease: .seconds(60)) { _, _ in
                try await until("one relay has all") { try await fixture.shares() == [64] }
                try await fixture.withDrain(lease: .seconds(60)) { _, _ in
                    try await until("two relays have a half each") { try await fixture.shares() == [32, 32] }
                    try await fixture.append(60, users: (0..<30).map { _ in UUID.timeOrdered() })
                    try await fixture.withDrain(lease: .seconds(60)) { _, _ in
                        try await until("three relays have a third each") {
                            try await fixture.shares() == [22, 21, 21]
                        }
                    }
                    try await until("two relays have a half each again") { try await fixture.shares() == [32, 32] }
                }
                // Far less than the lease of a minute.
                try await until("what was given back is taken over", within: .seconds(5)) {
                    try await fixture.shares() == [64]
                }
                try await fixture.append(60, users: (0..<30).map { _ in UUID.timeOrdered() })
                try await fixture.untilAllIsPublished()
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log)
        }
    }

    /// More than one batch in every shard, so that lanes go on beside each other; the sink goes away in the middle of it.
    @Test func aBacklogLeavesInOrderAndOnce() async throws {
        try await withRelayFixture(redisOptions: ["--appendonly", "yes", "--appendfsync", "always"]) { fixture in
            let users = (0..<200).map { _ in UUID.timeOrdered() }
            let rows = users.map { "('\($0)', \(OutboxShard.of($0.description)))" }.joined(separator: ",")
            try await fixture.postgres.psql(
                """
                SET search_path = whatsapp_handler;
                INSERT INTO outbox_events (id, shard, ordering_key, aggregate_type, aggregate_id, event_type, payload,
                                           correlation_id)
                SELECT gen_random_uuid(), k.shard, k.id, 'user', k.id::uuid, 'user.opted_in', '{}', 'c'
                FROM generate_series(1, 100) n, (VALUES \(rows)) AS k (id, shard)
                """)
            try await fixture.withDrain { _, status in
                try await until("some are there") { try await fixture.counts().stream > 0 }
                try await fixture.redis.kill()
                try await fixture.redis.start()
                try await fixture.untilAllIsPublished(within: .seconds(60))
                #expect(try await fixture.counts().log == 20_000)
                try await until("all is acknowledged") { try await fixture.pending("redis") == 0 }
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log)
        }
    }
}
