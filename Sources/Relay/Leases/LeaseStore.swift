import Common

/// Leases of shards in `outbox_cursors` and the relays that are alive; times are the database's.
struct LeaseStore: Sendable {
    let postgres: PostgresClient
    let sink: String
    /// This relay's name, another one in each run.
    let owner: String
    let lease: Duration

    private var milliseconds: Int { Int(lease.wholeMilliseconds) }

    /// Who holds what and who is there.
    struct View: Sendable {
        var owners: LeasePlan.Owners = [:]
        var epochs: [Int: Int64] = [:]
        var places: [Int: CursorPlace] = [:]
        var relays: Set<String> = []
    }

    /// Says that this relay lives, extends the leases of `held`, and looks who holds what.
    ///
    /// A shard of `held` that `View.owners` does not show as ours was lost.
    func renew(_ held: [HeldShard]) async throws(PostgresError) -> View {
        try await look(after: [
            """
            INSERT INTO outbox_relays (sink, owner, lease_until) VALUES (\(sink), \(owner), clock_timestamp() + \(milliseconds)::bigint * interval '1 millisecond')
            ON CONFLICT (sink, owner) DO UPDATE SET lease_until = excluded.lease_until
            """,
            """
            DELETE FROM outbox_relays WHERE sink = \(sink) AND lease_until < clock_timestamp() - interval '1 hour'
            """,
            """
            UPDATE outbox_cursors c SET lease_until = clock_timestamp() + \(milliseconds)::bigint * interval '1 millisecond', updated_at = clock_timestamp()
            FROM unnest(\(held.map(\.shard))::smallint[], \(held.map(\.epoch))::bigint[]) AS n (shard, epoch)
            WHERE c.sink = \(sink) AND c.shard = n.shard AND c.owner = \(owner) AND c.epoch = n.epoch
            """,
        ])
    }

    /// Looks who holds what.
    func look() async throws(PostgresError) -> View { try await look(after: []) }

    /// Claims up to `count` shards that are free; fewer when others were faster.
    func claim(_ count: Int) async throws(PostgresError) -> [HeldShard] {
        let result = try await postgres.unit(
            """
            WITH free AS MATERIALIZED (
                SELECT shard FROM outbox_cursors WHERE sink = \(sink) AND lease_until < clock_timestamp()
                ORDER BY shard LIMIT \(count)::bigint FOR UPDATE SKIP LOCKED
            )
            UPDATE outbox_cursors c
            SET owner = \(owner), epoch = c.epoch + 1, lease_until = clock_timestamp() + \(milliseconds)::bigint * interval '1 millisecond', updated_at = clock_timestamp()
            FROM free WHERE c.sink = \(sink) AND c.shard = free.shard
            RETURNING c.shard, c.epoch, c.last_sequence, c.ctid
            """)
        return try result.rows.map { row throws(PostgresError) in
            HeldShard(
                shard: try row.column(0), epoch: try row.column(1), cursor: try row.column(2),
                place: try row.column(3) as CursorPlace)
        }
    }

    /// Gives shards back, for others to claim at once.
    func release(_ shards: [Int]) async throws(PostgresError) {
        _ = try await postgres.unit(
            """
            UPDATE outbox_cursors SET owner = NULL, lease_until = '-infinity', updated_at = clock_timestamp()
            WHERE sink = \(sink) AND owner = \(owner) AND shard = ANY (\(shards)::smallint[])
            """)
    }

    /// Gives everything back and says that this relay is gone.
    func leave(within limit: Duration) async throws(PostgresError) {
        _ = try await postgres.unit(
            [
                """
                UPDATE outbox_cursors SET owner = NULL, lease_until = '-infinity', updated_at = clock_timestamp()
                WHERE sink = \(sink) AND owner = \(owner)
                """,
                "DELETE FROM outbox_relays WHERE sink = \(sink) AND owner = \(owner)",
            ], within: limit)
    }

    private func look(after changes: [SQL]) async throws(PostgresError) -> View {
        let results = try await postgres.unit(
            changes + [
                """
                SELECT shard, CASE WHEN lease_until > clock_timestamp() THEN owner END, epoch, ctid FROM outbox_cursors
                WHERE sink = \(sink)
                """,
                "SELECT owner FROM outbox_relays WHERE sink = \(sink) AND lease_until > clock_timestamp()",
            ])
        var view = View()
        for row in results[changes.count].rows {
            let shard: Int = try row.column(0)
            view.owners.updateValue(try row.column(1), forKey: shard)
            view.epochs[shard] = try row.column(2)
            view.places[shard] = try row.column(3) as CursorPlace
        }
        for row in results[changes.count + 1].rows { view.relays.insert(try row.column(0)) }
        return view
    }
}
