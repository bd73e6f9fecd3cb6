import Common

/// Events of the log, and of those parked, with what each sink has done with them.
struct OutboxQuery: Sendable {
    let selection: OutboxSelection
    let sink: String?
    let state: OutboxList.StateFilter?

    /// The first `limit` of them in the log's order.
    func events(limit: Int, on postgres: PostgresClient) async throws(PostgresError) -> [OutboxRecord] {
        // Parked ones have all that is shown, and there are few of them: the log is not read for those.
        let statement =
            switch state {
            case .pending, .published: logged(limit)
            case .parked, .dead: parked(limit, evenIfLogged: true)
            case nil:
                "(\(sql: logged(limit))) UNION ALL (\(sql: parked(limit, evenIfLogged: false))) ORDER BY sequence LIMIT \(limit)"
                    as SQL
            }
        return try await postgres.onLog([statement.named("operator_events")], within: .seconds(30))[0].rows.map {
            row throws(PostgresError) in try OutboxRecord(row)
        }
    }

    /// Of every shard the first that fit, by index, from the lowest cursor on when only pending ones are wanted.
    private func logged(_ limit: Int) -> SQL {
        """
        SELECT e.sequence, e.id, e.shard, e.ordering_key, e.event_type, e.occurred_at, e.payload, e.states
          FROM outbox_meta m
          CROSS JOIN LATERAL generate_series(0, m.shards - 1) AS s (shard)
          CROSS JOIN LATERAL (
               SELECT coalesce(min(c.last_sequence), 0) AS lowest FROM outbox_cursors c
                WHERE \(state == .pending)::boolean AND c.shard = s.shard AND (\(sink)::text IS NULL OR c.sink = \(sink))
               ) f
          CROSS JOIN LATERAL (
               SELECT e.sequence, e.id::text AS id, e.shard, e.ordering_key, e.event_type, e.occurred_at,
                      e.payload::text AS payload, t.states
                 FROM outbox_events e CROSS JOIN LATERAL (\(sql: states)) t
                WHERE e.shard = s.shard AND e.sequence > f.lowest AND \(sql: selection.condition)
                  AND (\(state?.rawValue)::text IS NULL OR t.has)
                ORDER BY e.sequence LIMIT \(limit)
               ) e
         ORDER BY e.sequence LIMIT \(limit)
        """
    }

    /// What each sink has done with an event `e`, and whether one of them has done what is wanted.
    private var states: SQL {
        """
        SELECT string_agg(x.sink || '=' || x.state, ',' ORDER BY x.sink) AS states,
               coalesce(bool_or(x.state = \(state?.rawValue)::text), false) AS has
          FROM (SELECT c.sink, CASE p.state WHEN 'retry' THEN 'parked' WHEN 'blocked' THEN 'blocked' WHEN 'dead' THEN 'dead'
                               ELSE CASE WHEN e.sequence <= c.last_sequence THEN 'published' ELSE 'pending' END END AS state
                  FROM outbox_cursors c
                  LEFT JOIN outbox_parked p ON p.sink = c.sink AND p.sequence = e.sequence AND NOT p.is_replay
                 WHERE c.shard = e.shard AND (\(sink)::text IS NULL OR c.sink = \(sink))
                UNION ALL
                SELECT r.sink || ' replay', CASE r.state WHEN 'retry' THEN 'parked' ELSE r.state END
                  FROM outbox_parked r
                 WHERE r.sequence = e.sequence AND r.is_replay AND (\(sink)::text IS NULL OR r.sink = \(sink))
               ) x
        """
    }

    private func parked(_ limit: Int, evenIfLogged: Bool) -> SQL {
        """
        SELECT p.sequence, p.event->>'id' AS id, p.shard, p.ordering_key, p.event->>'event_type' AS event_type,
               (p.event->>'occurred_at')::timestamptz AS occurred_at, (p.event->'payload')::text AS payload,
               string_agg(p.sink || CASE WHEN p.is_replay THEN ' replay=' ELSE '=' END
                          || CASE p.state WHEN 'retry' THEN 'parked' ELSE p.state END, ',' ORDER BY p.sink) AS states
          FROM outbox_parked p
         WHERE (\(evenIfLogged)::boolean
                OR NOT EXISTS (SELECT FROM outbox_events e WHERE e.shard = p.shard AND e.sequence = p.sequence))
           AND (\(sink)::text IS NULL OR p.sink = \(sink))
           AND (\(state == nil)::boolean OR (p.state = 'dead') = \(state == .dead)::boolean)
           AND \(sql: selection.parkedCondition)
         GROUP BY p.sequence, p.event, p.shard, p.ordering_key
         ORDER BY p.sequence LIMIT \(limit)
        """
    }
}
