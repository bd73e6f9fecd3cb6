import Common

/// All shards of a sink, or of all sinks, taken from the relays while something about them is changed.
///
/// Each shard's epoch grows, so that what a relay has in its hands by then moves no cursor; relays go on when the
/// shards are given back, or a lease later if this process dies.
struct ShardTakeover: Sendable {
    /// How long relays wait for who took their shards and died.
    static let lease: Duration = .seconds(30)

    /// A shard as it was taken.
    struct Shard: Sendable {
        let sink: String
        let number: Int
        let cursor: Int64
    }

    let owner: String
    let shards: [Shard]
    private let postgres: PostgresClient

    /// Takes the shards of `sink`, or of every sink; waits for statements of relays that are under way, not for relays.
    init(of sink: String?, on postgres: PostgresClient) async throws(PostgresError) {
        self.postgres = postgres
        let owner = "operator \(UUID.random())"
        self.owner = owner
        let sql: SQL = """
            WITH mine AS (
                SELECT sink, shard FROM outbox_cursors WHERE \(sink)::text IS NULL OR sink = \(sink)
                ORDER BY sink, shard FOR UPDATE
            )
            UPDATE outbox_cursors c
               SET owner = \(owner), epoch = c.epoch + 1, updated_at = clock_timestamp(),
                   lease_until = clock_timestamp() + \(Int(Self.lease.wholeMilliseconds))::bigint * interval '1 millisecond'
              FROM mine WHERE c.sink = mine.sink AND c.shard = mine.shard
            RETURNING c.sink, c.shard, c.last_sequence
            """
        shards = try await Self.patiently { () throws(PostgresError) in
            try await postgres.unit(sql.named("operator_takeover")).rows.map { row throws(PostgresError) in
                Shard(sink: try row.column(0), number: try row.column(1), cursor: try row.column(2))
            }
        }
    }

    /// Carries out `statements` and gives the shards back, in one transaction.
    ///
    /// Throws when a shard is no longer ours, because it took longer than the lease; nothing has happened then.
    func giveBack(after statements: [SQL] = []) async throws {
        // The division by zero undoes the whole transaction.
        let check: SQL = """
            SELECT 1 / (count(*) = \(shards.count)::bigint)::integer FROM outbox_cursors
             WHERE owner = \(owner)
            """
        let release: SQL = """
            UPDATE outbox_cursors SET owner = NULL, lease_until = '-infinity', updated_at = clock_timestamp()
             WHERE owner = \(owner)
            """
        do throws(PostgresError) {
            _ = try await Self.patiently { () throws(PostgresError) in
                try await postgres.unit(statements + [check, release.named("operator_release")])
            }
        } catch {
            guard error.sqlState == "22012" else { throw error }
            throw OutboxFailure(
                "The shards passed to a relay meanwhile, after \(Self.lease.components.seconds) s; nothing was changed in the database. Run it again."
            )
        }
    }

    /// Tries again, a few times, when relays' statements on the same rows made a deadlock.
    private static func patiently<R: Sendable>(
        _ body: () async throws(PostgresError) -> R
    ) async throws(PostgresError) -> R {
        for _ in 0..<3 {
            do throws(PostgresError) { return try await body() } catch {
                guard error.sqlState == "40P01" || error.sqlState == "40001" else { throw error }
            }
        }
        return try await body()
    }
}
