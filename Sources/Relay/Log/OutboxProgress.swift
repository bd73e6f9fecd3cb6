import Common

/// Measures how far a sink is behind the log.
struct OutboxProgress: Sendable {
    /// Up to how many events of a shard are counted, so that a long outage does not make measuring slow.
    static let countLimit = 1000

    let postgres: PostgresClient
    let sink: String

    func measure() async throws(PostgresError) -> DrainStatus.Progress {
        let results = try await postgres.unit([
            """
            SELECT count(*) FILTER (WHERE c.owner IS NULL OR c.lease_until <= clock_timestamp()),
                   coalesce(sum(behind.events), 0)::bigint,
                   greatest(extract(epoch FROM clock_timestamp() - min(behind.oldest)) * 1000000, 0)::bigint
            FROM outbox_cursors c
            CROSS JOIN LATERAL (
                SELECT count(*) AS events, min(occurred_at) AS oldest
                FROM (
                    SELECT e.occurred_at FROM outbox_events e
                    WHERE e.shard = c.shard AND e.sequence > c.last_sequence
                      AND e.occurred_at >= c.last_occurred_at - interval '1 day'
                    ORDER BY e.sequence LIMIT \(Self.countLimit)::bigint
                ) e
            ) behind
            WHERE c.sink = \(sink)
            """,
            """
            SELECT CASE WHEN is_replay AND state <> 'dead' THEN 'replay' ELSE state END, count(*)
            FROM outbox_parked WHERE sink = \(sink) GROUP BY 1
            """,
        ])
        guard let row = results[0].rows.first else { throw PostgresError(.undecodable, "an aggregate without a row") }
        var parked: [DrainStatus.Parked: Int] = [:]
        for row in results[1].rows {
            let word: String = try row.column(0)
            if let state = DrainStatus.Parked(rawValue: word) { parked[state] = try row.column(1) }
        }
        return DrainStatus.Progress(
            lag: .microseconds(try row.column(2) as Int64), pending: try row.column(1), unowned: try row.column(0),
            parked: parked)
    }
}
