import Common
import TestSupport

/// What a look for new events costs the database, before and at the end of a snapshot that somebody holds.
struct SnapshotBench {
    let ground: BenchGround
    let plan: BenchPlan

    /// Mean milliseconds of a look.
    struct Cost: Sendable {
        var before: Double
        var held: Double
    }

    /// How long looks are counted each time.
    private static let window = 5

    func ours() async throws -> Cost {
        try await ground.sql("CREATE EXTENSION pg_stat_statements SCHEMA public")
        return try await ground.withRelay {
            try await measure(like: "%e.payload%FROM unnest%outbox_events e%", EventLoad.ours)
        }
    }

    func flagged() async throws -> Cost {
        try await ground.sql("CREATE EXTENSION pg_stat_statements SCHEMA public; " + FlaggedRelay.table)
        return try await FlaggedRelay.run(ground) {
            try await measure(like: "%FOR UPDATE SKIP LOCKED%", EventLoad.flagged)
        }
    }

    private func measure(
        like query: String, _ append: @escaping @Sendable (BenchGround, UUID) async throws -> String
    ) async throws -> Cost {
        let before = try await look(query, append)
        let (product, seconds) = (ground.product, plan.snapshotSeconds + Self.window + 5)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled with the group, when everything is measured.
                try await product.postgres.psql(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id(); SELECT pg_sleep(\(seconds)); COMMIT",
                    database: product.database)
            }
            _ = try await EventLoad(ground: ground, rate: plan.rate, seconds: plan.snapshotSeconds).run(append)
            let held = try await look(query, append)
            try await group.waitForAll()
            return Cost(before: before, held: held)
        }
    }

    private func look(
        _ query: String, _ append: @escaping @Sendable (BenchGround, UUID) async throws -> String
    ) async throws -> Double {
        try await ground.sql("SELECT pg_stat_statements_reset()")
        _ = try await EventLoad(ground: ground, rate: plan.rate, seconds: Self.window).run(append)
        let mean = try await ground.sql(
            """
            SELECT sum(total_exec_time) / sum(calls) FROM pg_stat_statements
             WHERE query LIKE '\(query)' AND query NOT LIKE '%pg_stat_statements%'
            """)
        guard let cost = mean.split(separator: "\n").last.flatMap({ Double($0) }) else {
            throw HarnessError("no look was counted")
        }
        return cost
    }
}
