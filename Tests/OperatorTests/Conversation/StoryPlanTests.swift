import Common
import Logging
import TestSupport
import Testing

@testable import Operator

/// A story is read by index, however much there is of others.
@Suite struct StoryPlanTests {
    private static let rows = 100_000

    @Test(.timeLimit(.minutes(2))) func manyRowsOfOthersAreNotRead() async throws {
        try await withQueueFixture { fixture in
            try await StoryFixture.write(fixture)
            try await fill(fixture)
            let reactor = Reactor(name: "test")
            defer { reactor.stop() }
            let configuration = try PostgresConfiguration(url: Secret(fixture.postgres.url()))
            let client = PostgresClient(configuration, reactor: reactor, logger: Logger(label: "test"))
            try await ConnectedQueue.running([client]) {
                try await client.ready(within: .seconds(5))
                let person = SoughtPerson(
                    user: StoryFixture.user, address: StoryFixture.sender, others: ["whatsapp:GB.1349"])
                let reading = StoryReading(
                    person: person, since: nil, until: nil, limit: 50, stateTTL: .seconds(86_400))
                let entries = [
                    ConversationPlace.correlated("c-3"),
                    ConversationPlace.extent(of: .random(), StoryFixture.sender),
                ]
                for question in reading.questions + entries {
                    let plan = try await client.unit("EXPLAIN \(sql: question)").rows.map {
                        row throws(PostgresError) in try row.column(0, as: String.self)
                    }
                    let scans = plan.filter { $0.contains("Seq Scan") && cost($0) > 20 }
                    #expect(scans.isEmpty, "\(plan.joined(separator: "\n"))")
                }
                let started = ContinuousClock.now
                let (_, steps) = try await reading.steps(on: client)
                #expect(steps.count == 11 && ContinuousClock.now - started < .seconds(5))
            }
        }
    }

    /// What the planner thinks that a line of a plan costs: a whole small table is read for next to nothing.
    private func cost(_ line: String) -> Double {
        let after = line.split(separator: "..").last?.prefix { $0 != " " } ?? ""
        return Double(after) ?? .infinity
    }

    /// As many rows of a thousand others in every table that a story reads.
    private func fill(_ fixture: QueueFixture) async throws {
        let mac = #"'\x"# + String(repeating: "ab", count: 32) + "'"
        _ = try await fixture.sql(
            """
            INSERT INTO users (sender) SELECT 'whatsapp:+4478' || n FROM generate_series(1000000, 1000999) n;
            INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, correlation_id)
              SELECT 'X' || n, 'whatsapp:+4478' || 1000000 + n % 1000, 'message', 'x', now() - n * interval '1 minute', 'x' || n
                FROM generate_series(1, \(Self.rows)) n;
            INSERT INTO outbound_messages (in_reply_to, sender, recipient, body, created_at)
              SELECT 'X' || n, 'whatsapp:+4478' || 1000000 + n % 1000, 'x', 'x', now() - n * interval '1 minute'
                FROM generate_series(1, \(Self.rows)) n;
            INSERT INTO otp_challenges (user_id, code_mac, salt, channel, sent_to, expires_at)
              SELECT id, \(mac), \(mac), 'sms', '+4478', now() FROM users, generate_series(1, 100) WHERE sender LIKE 'whatsapp:+4478%';
            INSERT INTO claims (user_id, reference, origin_crs, destination_crs, scheduled_departure)
              SELECT id, id::text || n, 'LDS', 'YRK', now() FROM users, generate_series(1, 100) n WHERE sender LIKE 'whatsapp:+4478%';
            INSERT INTO outbox_events (id, shard, ordering_key, aggregate_type, aggregate_id, event_type, payload, correlation_id)
              SELECT gen_random_uuid(), n % 64, n::text, 'user', gen_random_uuid(), 'user.verified', '{}', 'x'
                FROM generate_series(1, \(Self.rows)) n;
            INSERT INTO dead_letters (message_sid, sender, reason, at)
              SELECT 'X' || n, 'whatsapp:+4478' || 1000000 + n % 1000, 'deliveries', now() - n * interval '1 second'
                FROM generate_series(1, \(Self.rows)) n;
            ANALYZE;
            """)
    }
}
