import Common

/// A condition on parked and dead events of a sink; an empty list and nil mean any.
struct ParkedFilter: Sendable {
    var sink: String
    var key: String?
    var ids: [UUID] = []
    var state: ParkedSelection.State?
    /// When there are more by now it means none: somebody agreed to so many.
    var most: Int?

    /// The condition on a row `p` of outbox_parked.
    var condition: SQL {
        guard let most else { return unlimited }
        return "\(sql: unlimited) AND (SELECT count(*) FROM outbox_parked p WHERE \(sql: unlimited)) <= \(most)"
    }

    private var unlimited: SQL {
        """
        p.sink = \(sink) AND (\(key)::text IS NULL OR p.ordering_key = \(key))
        AND (cardinality(\(ids)::uuid[]) = 0 OR (p.event->>'id')::uuid = ANY (\(ids)::uuid[]))
        AND (\(state?.rawValue)::text IS NULL OR (p.state = 'dead') = (\(state?.rawValue)::text = 'dead'))
        """
    }

    /// Has them tried again now, dead ones with all their tries; gives back how many there were.
    @discardableResult
    func retry(on postgres: PostgresClient, within limit: Duration = .seconds(30)) async throws(PostgresError) -> Int {
        let sql: SQL = """
            UPDATE outbox_parked p
               SET state = CASE p.state WHEN 'dead' THEN 'retry' ELSE p.state END,
                   attempts = CASE p.state WHEN 'dead' THEN 0 ELSE p.attempts END,
                   next_attempt_at = clock_timestamp()
             WHERE \(sql: condition)
            """
        return try await postgres.unit(sql.named("operator_retry"), within: limit).affected
    }

    /// Forgets them for good; gives back how many there were.
    @discardableResult
    func discard(on postgres: PostgresClient, within limit: Duration = .seconds(30)) async throws(PostgresError) -> Int
    {
        let sql: SQL = "DELETE FROM outbox_parked p WHERE \(sql: condition)"
        return try await postgres.unit(sql.named("operator_discard"), within: limit).affected
    }
}
