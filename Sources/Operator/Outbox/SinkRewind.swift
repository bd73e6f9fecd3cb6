import Common

/// Where the cursors of a sink go back to, and how.
struct SinkRewind: Sendable {
    let sink: String
    /// Back to the last event before then.
    let before: Timestamp?
    /// Back to this event.
    let sequence: Int64?
    /// One shard only.
    let shard: Int?

    /// A shard that goes back.
    struct Step: Sendable {
        let shard: Int
        let cursor: Int64
        let target: Int64
        let targetOccurredAt: Timestamp
        /// How many events lie between.
        let events: Int
    }

    /// What would go back, as things are.
    func plan(on postgres: PostgresClient) async throws(PostgresError) -> [Step] {
        // An event of the target's own time would be looked for a day before it at most: see OutboxLog.read.
        let sql: SQL = """
            SELECT c.shard, c.last_sequence, t.sequence, t.occurred_at, n.events
              FROM outbox_cursors c
              CROSS JOIN LATERAL (
                   SELECT coalesce(max(x.sequence), 0) AS sequence, coalesce(max(x.occurred_at), '-infinity') AS occurred_at
                     FROM (SELECT e.sequence, e.occurred_at FROM outbox_events e
                            WHERE e.shard = c.shard AND e.sequence <= c.last_sequence
                              AND e.occurred_at < \(before ?? .infinitelyLate)
                              AND e.sequence <= \(sequence ?? .max)::bigint
                            ORDER BY e.sequence DESC LIMIT 1) x
                   ) t
              CROSS JOIN LATERAL (
                   SELECT count(*) AS events FROM outbox_events e
                    WHERE e.shard = c.shard AND e.sequence > t.sequence AND e.sequence <= c.last_sequence
                   ) n
             WHERE c.sink = \(sink) AND (\(shard)::smallint IS NULL OR c.shard = \(shard)) AND n.events > 0
             ORDER BY c.shard
            """
        return try await postgres.onLog([sql.named("operator_rewind")], within: .seconds(60))[0].rows.map {
            row throws(PostgresError) in
            Step(
                shard: try row.column(0), cursor: try row.column(1), target: try row.column(2),
                targetOccurredAt: try row.column(3), events: try row.column(4))
        }
    }

    /// Takes the shards from the relays, sets marks back, then cursors, and gives the shards back.
    ///
    /// Dying in between is harmless: a mark below its cursor is what a sink that lost data looks like, and the relay sets
    /// the cursor back itself.
    func carryOut(_ outbox: ConnectedOutbox) async throws -> [Step] {
        let postgres = outbox.postgres
        let takeover = try await ShardTakeover(of: sink, on: postgres)
        let steps: [Step]
        do {
            steps = try await plan(on: postgres)
            if sink == RelayConfiguration.Sink.redis.rawValue {
                let marks = OutboxMarks(redis: outbox.redis, keys: outbox.keys, log: try await postgres.logID())
                try await marks.lower(to: Dictionary(uniqueKeysWithValues: steps.map { ($0.shard, $0.target) }))
            }
        } catch {
            try? await takeover.giveBack()
            await outbox.announceRelease()
            throw error
        }
        try await takeover.giveBack(after: statements(steps))
        await outbox.announceRelease()
        return steps
    }

    private func statements(_ steps: [Step]) -> [SQL] {
        if steps.isEmpty { return [] }
        let (shards, targets) = (steps.map(\.shard), steps.map(\.target))
        let cursors: SQL = """
            UPDATE outbox_cursors c
               SET last_sequence = n.sequence, last_occurred_at = n.occurred_at, updated_at = clock_timestamp()
              FROM unnest(\(shards)::smallint[], \(targets)::bigint[], \(steps.map(\.targetOccurredAt))::timestamptz[])
                   AS n (shard, sequence, occurred_at)
             WHERE c.sink = \(sink) AND c.shard = n.shard
            """
        let parked: SQL = """
            DELETE FROM outbox_parked p
             USING unnest(\(shards)::smallint[], \(targets)::bigint[]) AS n (shard, sequence)
             WHERE p.sink = \(sink) AND p.shard = n.shard AND p.sequence > n.sequence AND NOT p.is_replay
               AND EXISTS (SELECT FROM outbox_events e WHERE e.shard = p.shard AND e.sequence = p.sequence)
            """
        return [cursors.named("operator_rewind_cursors"), parked.named("operator_rewind_parked")]
    }
}
