#if Kafka
import Common
import Glibc
import TestSupport
import Testing

@testable import Relay

/// The built relay with Postgres, Redis and a cluster, killed in the middle of its work, its brokers taken away.
@Suite struct KafkaRelayTests {
    private let topic = "user.opted_in"
    private let lease = 9

    private func withBoth(_ body: (RelayFixture, KafkaCluster, [String: String]) async throws -> Void) async throws {
        let cluster = try KafkaCluster()
        defer { cluster.end() }
        try cluster.create(topic: topic)
        try await withRelayFixture { fixture in
            try await body(fixture, cluster, ["RELAY_SINKS": "redis,kafka", "RELAY_KAFKA_BROKERS": cluster.brokers])
        }
    }

    /// How many events the sink's cursors have not passed.
    private func pending(_ fixture: RelayFixture) async throws -> Int {
        try await fixture.database.unit(
            """
            SELECT count(*) FROM outbox_events e JOIN outbox_cursors c ON c.sink = 'kafka' AND c.shard = e.shard
            WHERE e.sequence > c.last_sequence
            """
        ).rows[0].column(0)
    }

    private func published(_ fixture: RelayFixture) async throws -> Int {
        try await fixture.database.unit(
            "SELECT coalesce(sum(last_sequence), 0)::bigint FROM outbox_cursors WHERE sink = 'kafka'"
        ).rows[0].column(0)
    }

    private func untilMoreIsPublished(_ fixture: RelayFixture) async throws {
        let before = try await published(fixture)
        // A lease that has to run out, and then the longest pause of a sink that failed: 9 and 30 s.
        try await until("cursors move", within: .seconds(75)) { try await published(fixture) > before }
    }

    /// The log's events of each key, in order of commit.
    private func log(_ fixture: RelayFixture) async throws -> [String: [String]] {
        var orders: [String: [String]] = [:]
        for row in try await fixture.database.unit(
            "SELECT aggregate_id::text, id::text FROM outbox_events ORDER BY sequence"
        ).rows {
            orders[try row.column(0), default: []].append(try row.column(1))
        }
        return orders
    }

    @Test(.timeLimit(.minutes(6))) func neitherKilledRelaysNorLostBrokersLoseOrReorder() async throws {
        try await withBoth { fixture, cluster, variables in
            try await fixture.withRelays(2, lease: lease, variables: variables) { relays in
                try await fixture.underLoad {
                    for relay in relays { try await relay.process.start() }
                    try await untilMoreIsPublished(fixture)
                    for broker in Int32(1)...3 {
                        cluster.takeDown(broker)
                        try await untilMoreIsPublished(fixture)
                        cluster.bringUp(broker)
                    }
                    try await relays[0].process.stop(SIGKILL)
                    cluster.takeDown()
                    try await relays[0].process.start()
                    try await fixture.untilSomethingIsPublished()
                    cluster.bringUp()
                    try await untilMoreIsPublished(fixture)
                }
                try await until("all is published", within: .seconds(90)) { try await pending(fixture) == 0 }
            }
            let log = try await log(fixture)
            var seen: Set<String> = []
            let records = try await cluster.records(of: topic)
            #expect(records.allSatisfy { $0.headers["event_id"] == $0.id && $0.headers["ce_subject"] == $0.key })
            let first = records.filter { seen.insert($0.id).inserted }
            #expect(Dictionary(grouping: first, by: \.key).mapValues { $0.map(\.id) } == log)
        }
    }

    /// What is under way is waited for and acknowledged, so nothing comes twice.
    @Test(.timeLimit(.minutes(4))) func aRelayThatIsToldToStopLeavesNothingHalfDone() async throws {
        try await withBoth { fixture, cluster, variables in
            try await fixture.withRelays(1, lease: 60, variables: variables) { relays in
                try await fixture.underLoad {
                    for _ in 0..<3 {
                        try await relays[0].process.start()
                        try await untilMoreIsPublished(fixture)
                        await relays[0].process.send(SIGTERM)
                        let ending = try await relays[0].process.end()
                        #expect(ending == .exit(0))
                    }
                }
                try await relays[0].process.start()
                try await until("all is published", within: .seconds(60)) { try await pending(fixture) == 0 }
                let client = HTTPClient(reactor: fixture.reactor)
                try await until("it is counted") {
                    let page = await relays[0].page("/metrics", client)?.body ?? ""
                    return page.contains(#"whatsapp_outbox_published_total{sink="kafka",type="user.opted_in"}"#)
                }
                await client.close()
            }
            let records = Dictionary(grouping: try await cluster.records(of: topic), by: \.key)
            let log = try await log(fixture)
            #expect(records.mapValues { $0.map(\.id) } == log)
        }
    }
}
#endif
