#if Kafka
import Common
import Glibc
import TestSupport
import Testing

@testable import Relay

/// Records as others read them: what docs/events promises, and the consumer to start from.
@Suite struct KafkaConsumerTests {
    private static let topic = "user.opted_in"

    @Test(.timeLimit(.minutes(3))) func recordsAreAsDescribedAndTheSampleHandlesEachOnce() async throws {
        let cluster = try KafkaCluster()
        defer { cluster.end() }
        try cluster.create(topic: Self.topic)
        try await withRelayFixture { fixture in
            let variables = ["RELAY_SINKS": "redis,kafka", "RELAY_KAFKA_BROKERS": cluster.brokers]
            try await fixture.withRelays(1, lease: 9, variables: variables) { relays in
                try await relays[0].process.start()
                try await fixture.underLoad { try await fixture.untilSomethingIsPublished() }
                let order = try await log(fixture)
                let count = order.values.map(\.count).reduce(0, +)
                try await until("all is published") {
                    try await cluster.records(of: Self.topic).count >= count
                }
            }
            let records = try await cluster.records(of: Self.topic)
            let verdict = try await PythonProgram.checkEvents(["kafka"], lines: records.map(\.json))
            #expect(verdict == "\(records.count) events: \(Self.topic)")
            let order = try await log(fixture)
            let handled = try await handledBySample(fixture, cluster, count: records.count)
            #expect(handled == order && !order.isEmpty)
        }
    }

    /// The events' ids of each key, in order of commit.
    private func log(_ fixture: RelayFixture) async throws -> [String: [String]] {
        let rows = try await fixture.database.unit(
            "SELECT aggregate_id::text, id::text FROM outbox_events ORDER BY sequence"
        ).rows
        var order: [String: [String]] = [:]
        for row in rows {
            let key: String = try row.column(0)
            order[key, default: []].append(try row.column(1))
        }
        return order
    }

    /// What the consumer of docs/events/consumers says it did, whose client is nobody's we use.
    private func handledBySample(
        _ fixture: RelayFixture, _ cluster: KafkaCluster, count: Int
    ) async throws -> [String: [String]] {
        let folder = fixture.redis.directory
        let output = folder + "/consumer.log"
        let words = [
            "--brokers", cluster.brokers, "--topics", Self.topic, "--events", "\(count)", "--database",
            folder + "/consumer.sqlite",
        ]
        let consumer = try await PythonProgram.consumer("read_kafka.py", words, log: output)
        try await consumer.start()
        let ending = try await consumer.end(within: .seconds(60))
        let text = textOfFile(output)
        #expect(ending == .exit(0), "\(text.suffix(500))")
        var handled: [String: [String]] = [:]
        for line in text.split(separator: "\n") {
            guard let event = JSONValue(parsing: Array(line.utf8)), let key = event["key"]?.string else { continue }
            handled[key, default: []].append(event["ce_id"]?.string ?? "")
        }
        return handled
    }
}
#endif
