import Common

/// Past events of a sink that are put beside the parked ones, to be published once more.
struct ReplayRequest: Sendable {
    /// How many are copied in one transaction.
    private static let page = 1000

    let sink: String
    /// On a row `e` of outbox_events.
    let selection: SQL

    /// What the sink has had of them: before its cursor, and not parked.
    private var published: SQL {
        """
        FROM outbox_events e JOIN outbox_cursors c ON c.sink = \(sink) AND c.shard = e.shard
        WHERE e.sequence <= c.last_sequence AND \(sql: selection)
          AND NOT EXISTS (SELECT FROM outbox_parked p
                           WHERE p.sink = \(sink) AND p.sequence = e.sequence AND NOT p.is_replay)
        """
    }

    func count(on postgres: PostgresClient) async throws(PostgresError) -> Int {
        let sql: SQL = "SELECT count(*) \(sql: published)"
        return try await postgres.unit(sql.named("operator_replay_events"), within: .seconds(60)).rows[0].column(0)
    }

    /// Puts them there, in the log's order; gives back how many.
    func carryOut(on postgres: PostgresClient, _ show: (Int) -> Void) async throws(PostgresError) -> Int {
        var (last, done): (Int64, Int) = (0, 0)
        while true {
            let sql: SQL = """
                WITH page AS MATERIALIZED (
                    SELECT e.sequence, e.shard, e.ordering_key, to_jsonb(e) - 'xid' AS event \(sql: published)
                       AND e.sequence > \(last)::bigint
                    ORDER BY e.sequence LIMIT \(Self.page)
                ), put AS (
                    INSERT INTO outbox_parked AS p (sink, sequence, is_replay, shard, ordering_key, event, state)
                    SELECT \(sink), sequence, true, shard, ordering_key, event, 'retry' FROM page
                    ON CONFLICT (sink, sequence, is_replay)
                    DO UPDATE SET state = 'retry', attempts = 0, next_attempt_at = clock_timestamp() WHERE p.state = 'dead'
                )
                SELECT max(sequence), count(*) FROM page
                """
            let row = try await postgres.unit(sql.named("operator_replay_page"), within: .seconds(60)).rows[0]
            guard let reached: Int64 = try row.column(0) else { return done }
            last = reached
            done += try row.column(1, as: Int.self)
            show(done)
        }
    }
}
