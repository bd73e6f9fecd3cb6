import Common

extension OutboxLog {
    /// Reads what follows the cursors of `shards`, up to `ShardBatch.limit` events of each.
    ///
    /// A day more than needed is looked through, in case the database's clock was once put back.
    func read(_ shards: [HeldShard]) async throws(PostgresError) -> [ShardBatch] {
        if shards.isEmpty { return [] }
        return try batches(of: shards, try await postgres.unit(reading(shards)))
    }

    /// The statement of `read`.
    ///
    /// A cursor is looked for at its place, and only if it is not there by its key. Owner and epoch are asked for once,
    /// outside of that, where they have Postgres expect so few cursors that it keeps no copies of their events
    /// (Memoize).
    func reading(_ shards: [HeldShard]) -> SQL {
        """
        SELECT c.shard, c.last_sequence, c.place, e.sequence, e.id, e.event_type, e.event_version, e.ordering_key,
               e.occurred_at, e.payload, e.traceparent, e.aggregate_type, e.aggregate_id, e.correlation_id,
               e.causation_id,
               (SELECT EXISTS (SELECT FROM outbox_parked WHERE sink = \(sink)))
                   AND EXISTS (SELECT FROM outbox_parked p
                               WHERE p.sink = \(sink) AND p.ordering_key = e.ordering_key AND NOT p.is_replay
                                 AND (p.state <> 'dead' OR \(policy == .hold)::boolean)) AS is_blocked
        FROM unnest(\(shards.map(\.shard))::smallint[], \(shards.map(\.epoch))::bigint[],
                    \(shards.map(\.place).texts)::tid[]) AS n (shard, epoch, place)
        CROSS JOIN LATERAL (
            SELECT ctid AS place, * FROM outbox_cursors WHERE ctid = n.place AND sink = \(sink) AND shard = n.shard
            UNION ALL
            SELECT ctid AS place, * FROM outbox_cursors WHERE sink = \(sink) AND shard = n.shard
            LIMIT 1
        ) c
        CROSS JOIN LATERAL (
            SELECT * FROM outbox_events e
            WHERE e.shard = c.shard AND e.sequence > c.last_sequence
              AND e.occurred_at >= c.last_occurred_at - interval '1 day'
            ORDER BY e.sequence LIMIT \(ShardBatch.limit)::bigint
        ) e
        WHERE c.owner = \(owner) AND c.epoch = n.epoch
        """
    }

    private func batches(of shards: [HeldShard], _ result: PostgresResult) throws(PostgresError) -> [ShardBatch] {
        let epochs = Dictionary(shards.map { ($0.shard, $0.epoch) }) { first, _ in first }
        var batches: [ShardBatch] = []
        var indices: [Int: Int] = [:]
        for row in result.rows {
            let shard: Int = try row.column(0)
            guard let epoch = epochs[shard] else { continue }
            let index = indices[shard] ?? batches.count
            if index == batches.count {
                indices[shard] = index
                let held = HeldShard(
                    shard: shard, epoch: epoch, cursor: try row.column(1), place: try row.column(2) as CursorPlace)
                batches.append(ShardBatch(held: held, events: []))
            }
            let event = try LoggedEvent(row, from: 3)
            let isBlocked: Bool = try row.column(15)
            if isBlocked { batches[index].blockedKeys.insert(event.orderingKey) }
            batches[index].events.append(event)
        }
        // SQL orders within a shard only by how it happens to join.
        for index in batches.indices { batches[index].events.sort { $0.sequence < $1.sequence } }
        return batches
    }
}
