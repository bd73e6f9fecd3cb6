import Common
import TestSupport
import Testing

@testable import Relay

/// How the built program's sessions are set up, and what Postgres makes of the relay's statements under them.
@Suite struct RelaySessionTests {
    @Test func sessionsAreSetUpForReadingByIndexAndCommittingWithoutWaiting() async throws {
        try await withRelayFixture { fixture in
            var values = ConfigurationValues(environment: [
                "DATABASE_URL": fixture.postgres.url(), "REDIS_URL": fixture.redis.url, "RELAY_SINKS": "redis,webhook",
                "RELAY_WEBHOOK_URL": "http://127.0.0.1:9", "RELAY_WEBHOOK_SECRET": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            ])
            let configuration = RelayProcessConfiguration(reading: &values)
            try values.check()
            #expect(configuration.postgres.connections == 2, "one for each sink")
            let client = PostgresClient(
                configuration.postgres, reactor: fixture.reactor, logger: RelayFixture.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await client.run() }
                for (name, wanted) in RelaySession.settings {
                    let setting: String = try await client.unit("SELECT current_setting(\(name))").rows[0].column(0)
                    #expect(setting == wanted, "\(name)")
                }
                let path: String = try await client.unit("SELECT current_setting('search_path')").rows[0].column(0)
                #expect(path.contains("whatsapp_handler") && !path.contains("public"))
                group.cancelAll()
            }
        }
    }

    /// With a table of parked events at its cap, looking for what is due and reading the log stay cheap.
    @Test func aFullTableOfParkedEventsIsReadQuickly() async throws {
        try await withRelayFixture { fixture in
            let users = (0..<50).map { _ in UUID.timeOrdered() }
            try await fixture.append(100, users: users)
            _ = try await fixture.database.unit(
                """
                INSERT INTO outbox_parked (sink, sequence, shard, ordering_key, event, state, next_attempt_at)
                SELECT 'webhook', e.sequence * 1000 + n, e.shard, e.ordering_key, to_jsonb(e) - 'xid', 'blocked',
                       clock_timestamp() + interval '1 hour'
                FROM outbox_events e, generate_series(1, 100) n
                """)
            let postgres = PostgresClient(
                try fixture.relayConfiguration, reactor: fixture.reactor, logger: RelayFixture.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await postgres.run() }
                let log = OutboxLog(postgres: postgres, sink: "webhook", owner: "me", lease: .seconds(60))
                _ = try await log.identity()
                let held = try await LeaseStore(
                    postgres: postgres, sink: "webhook", owner: "me", lease: log.lease
                ).claim(64)
                let store = ParkingStore(log: log)
                #expect(try await store.due(held).refused.isEmpty)
                #expect(try await log.read(held).flatMap(\.events).count == 100)
                var times: [Duration] = []
                for _ in 0..<20 {
                    let start = ContinuousClock.now
                    _ = try await store.due(held)
                    _ = try await log.read(held)
                    times.append(.now - start)
                }
                // Far above what it takes (10 ms), far below what sorting or scanning for each shard would.
                #expect(times.sorted()[10] < .seconds(1), "\(times)")
                group.cancelAll()
            }
        }
    }
}
