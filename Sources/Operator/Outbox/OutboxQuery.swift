import Common

/// Events of the log, with those that only `outbox_parked` still has.
struct OutboxQuery: Sendable {
    let selection: SQL
    let parkedSelection: SQL
    let sink: String?
    let state: OutboxList.StateFilter?

    init(selection: OutboxSelection, sink: String?, state: OutboxList.StateFilter?) {
        self.selection = selection.condition
        parkedSelection = selection.parkedCondition
        self.sink = sink
        self.state = state
    }

    /// The first `limit` of them in the log's order.
    func events(limit: Int, on postgres: PostgresClient) async throws(PostgresError) -> [OutboxRecord] {
        let wanted = state?.rawValue
        let sql: SQL = """
            (SELECT e.sequence, e.id::text AS id, e.shard, e.ordering_key, e.event_type, e.occurred_at,
                    e.payload::text AS payload, s.states
               FROM outbox_events e
               CROSS JOIN LATERAL (
                    SELECT string_agg(x.sink || '=' || x.state, ',' ORDER BY x.sink) AS states,
                           coalesce(bool_or(x.state = \(wanted)::text OR \(wanted)::text = 'parked' AND x.state = 'blocked'), false) AS has
                      FROM (SELECT c.sink, CASE p.state WHEN 'retry' THEN 'parked' WHEN 'blocked' THEN 'blocked' WHEN 'dead' THEN 'dead'
                                           ELSE CASE WHEN e.sequence <= c.last_sequence THEN 'published' ELSE 'pending' END
                                           END AS state
                              FROM outbox_cursors c
                              LEFT JOIN outbox_parked p
                                ON p.sink = c.sink AND p.sequence = e.sequence AND NOT p.is_replay
                             WHERE c.shard = e.shard AND (\(sink)::text IS NULL OR c.sink = \(sink))
                            UNION ALL
                            SELECT r.sink || ' replay', CASE r.state WHEN 'retry' THEN 'parked' ELSE r.state END
                              FROM outbox_parked r
                             WHERE r.sequence = e.sequence AND r.is_replay AND (\(sink)::text IS NULL OR r.sink = \(sink))
                           ) x
                    ) s
              WHERE \(sql: selection) AND (\(wanted)::text IS NULL OR s.has)
              ORDER BY e.sequence LIMIT \(limit))
            UNION ALL
            (SELECT p.sequence, p.event->>'id', p.shard, p.ordering_key, p.event->>'event_type',
                    (p.event->>'occurred_at')::timestamptz, (p.event->'payload')::text,
                    string_agg(p.sink || CASE WHEN p.is_replay THEN ' replay=' ELSE '=' END || CASE p.state WHEN 'retry' THEN 'parked' ELSE p.state END, ',' ORDER BY p.sink)
               FROM outbox_parked p
              WHERE NOT EXISTS (SELECT FROM outbox_events e WHERE e.shard = p.shard AND e.sequence = p.sequence)
                AND (\(sink)::text IS NULL OR p.sink = \(sink))
                AND (\(wanted)::text IS NULL OR p.state = \(wanted)::text OR \(wanted)::text = 'parked' AND p.state <> 'dead')
                AND \(sql: parkedSelection)
              GROUP BY p.sequence, p.event, p.shard, p.ordering_key
              ORDER BY p.sequence LIMIT \(limit))
            ORDER BY sequence LIMIT \(limit)
            """
        return try await postgres.unit(sql.named("operator_events"), within: .seconds(10)).rows.map {
            row throws(PostgresError) in try OutboxRecord(row)
        }
    }
}
