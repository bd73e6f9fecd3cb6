import Common
import TestSupport

/// The relay that many write first: rows have `published_at`, and are taken with FOR UPDATE SKIP LOCKED.
///
/// A fair one: prepared statements, batches of a hundred, entries added in one write, two round trips to Postgres a
/// batch, no wait for the disk. For the comparison only: two of them swap the events of a user, and one that dies
/// between adding and committing adds twice.
actor FlaggedRelay {
    static let table = """
        CREATE TABLE flagged_events (
            id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            event_id     uuid        NOT NULL,
            ordering_key text        NOT NULL,
            event_type   text        NOT NULL,
            payload      jsonb       NOT NULL,
            occurred_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
            published_at timestamptz);
        CREATE INDEX flagged_events_due ON flagged_events (id) WHERE published_at IS NULL
        """
    private static let prepare = """
        SET search_path = whatsapp_handler; SET synchronous_commit = off; SET jit = off;
        PREPARE poll AS SELECT id, event_id, event_type, ordering_key, occurred_at, payload FROM flagged_events
          WHERE published_at IS NULL ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED;
        PREPARE done AS UPDATE flagged_events SET published_at = now() WHERE id = ANY ($1::bigint[]);
        BEGIN
        """

    private let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }
    private let session: PostgresSession
    private let redis: RedisClient

    private init(reactor: Reactor, session: PostgresSession, redis: RedisClient) {
        self.reactor = reactor
        self.session = session
        self.redis = redis
    }

    /// Runs one beside `body`.
    static func run<R: Sendable>(_ ground: BenchGround, _ body: () async throws -> R) async throws -> R {
        let configuration = try PostgresConfiguration(url: Secret(ground.way.postgres))
        let session = try await PostgresSession.connect(
            configuration, reactor: ground.reactor, logger: BenchGround.logger)
        try await session.run(script: prepare, within: .seconds(5))
        let relay = FlaggedRelay(reactor: ground.reactor, session: session, redis: ground.adding)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await relay.drain() }
            let result: Result<R, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            group.cancelAll()
            try? await group.waitForAll()
            await session.close()
            return try result.get()
        }
    }

    private func drain() async throws {
        while !Task.isCancelled {
            let rows = try await session.query("EXECUTE poll").rows
            if rows.isEmpty {
                try await session.run(script: "COMMIT; BEGIN", within: .seconds(5))
                try await Task.sleep(for: .milliseconds(20))
                continue
            }
            var ids: [String] = []
            var commands: [RedisCommand] = []
            for row in rows {
                let id: String = try row.column(0)
                ids.append(id)
                commands.append(
                    RedisCommand(
                        "XADD", .text(BenchGround.stream), "*", "id", .text(try row.column(1)), "type",
                        .text(try row.column(2)), "version", 1, "source", "whatsapp-handler", "subject",
                        .text(try row.column(3)), "time", .text(try row.column(4, as: Timestamp.self).rfc3339), "seq",
                        .text(id), "data", .text(try row.column(5))))
            }
            _ = try await redis.send(commands)
            try await session.run(
                script: "EXECUTE done('{\(ids.joined(separator: ","))}'); COMMIT; BEGIN", within: .seconds(5))
        }
    }
}
