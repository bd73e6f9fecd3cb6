import Common
import TestSupport
import Testing

@Suite struct OutboxStatsTests {
    struct Report: Decodable {
        struct Sink: Decodable {
            struct Cursor: Decodable {
                var shard: Int
                var cursor: Int
                var pending: Int
            }
            var sink: String
            var lagSeconds: Double
            var pending: Int
            var pendingIsCapped: Bool
            var parked: [String: Int]
            var replays: Int
            var disabledReason: String?
            var relays: [String]
            var shards: Int
            var unownedShards: [Int]
            var highestCursor: Int
            var cursors: [Cursor]?
        }
        struct Partition: Decodable {
            var name: String
            var state: String
            var behind: [String]
        }
        var logId: String
        var sinks: [Sink]
        var partitions: [Partition]
    }

    @Test func statsTellHowFarEachSinkIs() async throws {
        try await withOutboxFixture { fixture in
            let empty = try await fixture.outbox("stats")
            #expect(empty.exitCode == 0 && empty.output.contains("no sink yet"), "\(empty.error)")
            let unknown = try await fixture.outbox("stats", "--sink", "redis")
            #expect(unknown.exitCode == 1 && unknown.error.contains("known are: none yet"))

            try await fixture.append(30)
            try await fixture.withRelay {
                try await fixture.untilPublished()
                let report = try await fixture.outbox("stats", "--json").json(Report.self)
                let sink = try #require(report.sinks.first)
                #expect(sink.pending == 0 && sink.lagSeconds == 0 && sink.relays.count == 1 && sink.unownedShards == [])
                #expect(sink.highestCursor == 30)
                #expect(report.logId == (try await fixture.sql("SELECT log_id FROM outbox_meta")))
            }
            try await fixture.append(12, users: [fixture.users[0]])
            try await fixture.park("1, 2", state: "retry")
            try await fixture.park("3", state: "blocked")
            try await fixture.park("4", state: "dead")
            // A sink of which nothing is gone yet holds a day of long ago.
            _ = try await fixture.sql(
                """
                SELECT outbox_register_sink('webhook');
                UPDATE outbox_sinks SET disabled_at = now(), disabled_reason = 'answered 410' WHERE sink = 'webhook';
                CREATE TABLE outbox_events_20200102 PARTITION OF outbox_events
                  FOR VALUES FROM ('2020-01-02 00:00:00+00') TO ('2020-01-03 00:00:00+00');
                INSERT INTO outbox_events (id, sequence, shard, ordering_key, aggregate_type, aggregate_id, event_type,
                  payload, correlation_id, occurred_at)
                SELECT gen_random_uuid(), 0, 5, 'k', 'user', gen_random_uuid(), 'user.opted_in', '{}', 'c', '2020-01-02 12:00:00+00';
                UPDATE outbox_events SET sequence = 1 WHERE occurred_at < '2021-01-01' AND shard = 5
                """)
            let report = try await fixture.outbox("stats", "--json", "--shards").json(Report.self)
            #expect(report.sinks.map(\.sink) == ["redis", "webhook"])
            let redis = try #require(report.sinks.first)
            #expect(redis.pending == 12 || redis.pending == 13, "the old event may follow the cursor of shard 5")
            #expect(redis.parked == ["retry": 2, "blocked": 1, "dead": 1])
            #expect(redis.unownedShards.count == 64 && redis.relays.isEmpty)
            #expect(redis.cursors?.count == 64)
            #expect(report.sinks[1].disabledReason == "answered 410" && report.sinks[1].lagSeconds > 86_400)
            let old = try #require(report.partitions.first)
            #expect(old.name == "outbox_events_20200102" && old.state == "held" && old.behind.contains("webhook"))
            let states = Set(report.partitions.map(\.state))
            #expect(states.isSuperset(of: ["held", "kept", "ahead", "rest"]), "\(states)")

            let text = try await fixture.outbox("stats")
            for part in ["webhook is switched off", "answered 410", "held: ", "UNOWNED", "outbox_events_default"] {
                #expect(text.output.contains(part), "\(part): \(text.output)")
            }
            // What shows why nothing leaves must work while Redis is away.
            try await fixture.queue.redis.kill()
            let alone = try await fixture.outbox("stats", "--sink", "redis")
            #expect(alone.exitCode == 0 && !alone.output.contains("webhook is switched off"))
        }
    }

    @Test func forgettingAndEnabling() async throws {
        try await withOutboxFixture { fixture in
            _ = try await fixture.sql(
                """
                SELECT outbox_register_sink('webhook');
                UPDATE outbox_sinks SET disabled_at = now(), disabled_reason = 'gone' WHERE sink = 'webhook'
                """)
            let off = "outbox_sinks WHERE disabled_at IS NOT NULL"
            let dry = try await fixture.outbox("enable", "--sink", "webhook", "--dry-run")
            #expect(dry.exitCode == 0 && dry.output.contains("would switch"))
            #expect(try await fixture.count(off) == 1)
            let enabled = try await fixture.outbox("enable", "--sink", "webhook", "--yes")
            #expect(enabled.exitCode == 0 && enabled.output.contains("on again"), "\(enabled.error)")
            #expect(try await fixture.count(off) == 0)
            let again = try await fixture.outbox("enable", "--sink", "webhook", "--yes")
            #expect(again.exitCode == 0 && again.output.contains("not switched off"))

            _ = try await fixture.sql("INSERT INTO outbox_relays VALUES ('webhook', 'me', now() + interval '1 minute')")
            let served = try await fixture.outbox("forget", "--sink", "webhook", "--yes")
            #expect(served.exitCode == 1 && served.error.contains("take it out of RELAY_SINKS"))
            _ = try await fixture.sql("DELETE FROM outbox_relays")
            let look = try await fixture.outbox("forget", "--sink", "webhook", "--dry-run")
            #expect(look.exitCode == 0 && look.output.contains("would forget"))
            #expect(try await fixture.count("outbox_cursors") == 64)
            let forgotten = try await fixture.outbox("forget", "--sink", "webhook", "--yes")
            #expect(forgotten.exitCode == 0, "\(forgotten.error)")
            #expect(try await fixture.count("outbox_cursors") == 0)
            let gone = try await fixture.outbox("forget", "--sink", "webhook", "--yes")
            #expect(gone.exitCode == 1 && gone.error.contains("No sink is called"))
        }
    }
}
