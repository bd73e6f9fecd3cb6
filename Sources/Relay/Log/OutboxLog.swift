import Common

/// The relay's statements on the outbox log, for one sink and one relay; times are the database's.
///
/// Every statement that changes a cursor demands owner and epoch, so a relay whose lease passed to another changes
/// nothing.
struct OutboxLog: Sendable {
    let postgres: PostgresClient
    let sink: String
    /// This relay's name, another one in each run.
    let owner: String
    let lease: Duration
    var policy = RelayConfiguration.ParkedPolicy.skip

    /// Registers the sink, when it is new, at the oldest event that is kept; says which log this is.
    func identity() async throws(PostgresError) -> (log: UUID, isNewSink: Bool) {
        let results = try await postgres.unit([
            "SELECT NOT EXISTS (SELECT FROM outbox_sinks WHERE sink = \(sink))",
            "SELECT outbox_register_sink(\(sink))",
            "SELECT log_id FROM outbox_meta",
        ])
        guard let wasNew = results[0].rows.first, let row = results[2].rows.first else {
            throw PostgresError(.undecodable, "outbox_meta has no row")
        }
        return (try row.column(0), try wasNew.column(0))
    }

    /// Reads what follows the cursors of `shards`, up to `ShardBatch.limit` events of each.
    ///
    /// A day more than needed is looked through, in case the database's clock was once put back.
    func read(_ shards: [HeldShard]) async throws(PostgresError) -> [ShardBatch] {
        let result = try await postgres.unit(
            """
            SELECT c.shard, c.last_sequence, e.sequence, e.id, e.event_type, e.event_version, e.ordering_key,
                   e.occurred_at, e.payload, e.traceparent, e.aggregate_type, e.aggregate_id, e.correlation_id,
                   e.causation_id,
                   (SELECT EXISTS (SELECT FROM outbox_parked WHERE sink = \(sink)))
                       AND EXISTS (SELECT FROM outbox_parked p
                                   WHERE p.sink = c.sink AND p.ordering_key = e.ordering_key AND NOT p.is_replay
                                     AND (p.state <> 'dead' OR \(policy == .hold)::boolean)) AS is_blocked
            FROM unnest(\(shards.map(\.shard))::smallint[], \(shards.map(\.epoch))::bigint[]) AS n (shard, epoch)
            JOIN outbox_cursors c
              ON c.sink = \(sink) AND c.shard = n.shard AND c.owner = \(owner) AND c.epoch = n.epoch
            CROSS JOIN LATERAL (
                SELECT * FROM outbox_events e
                WHERE e.shard = c.shard AND e.sequence > c.last_sequence
                  AND e.occurred_at >= c.last_occurred_at - interval '1 day'
                ORDER BY e.sequence LIMIT \(ShardBatch.limit)::bigint
            ) e
            """)
        return try batches(of: shards, result)
    }

    /// Moves cursors and extends their leases; gives back the shards that are still ours.
    func acknowledge(_ acknowledgements: [Acknowledgement]) async throws(PostgresError) -> Set<Int> {
        if acknowledgements.isEmpty { return [] }
        return try shardNumbers(
            try await postgres.unit(
                """
                UPDATE outbox_cursors c
                SET last_sequence = n.sequence, last_occurred_at = n.occurred_at, updated_at = clock_timestamp(),
                    lease_until = clock_timestamp() + \(Int(lease.wholeMilliseconds))::bigint * interval '1 millisecond'
                FROM unnest(\(acknowledgements.map(\.shard))::smallint[], \(acknowledgements.map(\.epoch))::bigint[],
                            \(acknowledgements.map(\.sequence))::bigint[],
                            \(acknowledgements.map(\.occurredAt))::timestamptz[])
                     AS n (shard, epoch, sequence, occurred_at)
                WHERE c.sink = \(sink) AND c.shard = n.shard AND c.owner = \(owner) AND c.epoch = n.epoch
                RETURNING c.shard
                """))
    }

    /// Puts cursors back to what the sink still has; gives back the shards that are still ours.
    func rewind(_ shards: [HeldShard]) async throws(PostgresError) -> Set<Int> {
        try shardNumbers(
            try await postgres.unit(
                """
                UPDATE outbox_cursors c
                SET last_sequence = n.sequence, last_occurred_at = '-infinity', updated_at = clock_timestamp()
                FROM unnest(\(shards.map(\.shard))::smallint[], \(shards.map(\.epoch))::bigint[],
                            \(shards.map(\.cursor))::bigint[]) AS n (shard, epoch, sequence)
                WHERE c.sink = \(sink) AND c.shard = n.shard AND c.owner = \(owner) AND c.epoch = n.epoch
                RETURNING c.shard
                """))
    }

    /// Of events named by shard and sequence those that the log has, as acknowledgements that would move cursors there.
    ///
    /// Where `ids` names the event, another one in its place is not it.
    func find(_ wanted: [HeldShard], ids: [Int: String] = [:]) async throws(PostgresError) -> [Acknowledgement] {
        let result = try await postgres.unit(
            """
            SELECT n.shard, n.epoch, e.sequence, e.occurred_at
            FROM unnest(\(wanted.map(\.shard))::smallint[], \(wanted.map(\.epoch))::bigint[],
                        \(wanted.map(\.cursor))::bigint[], \(wanted.map { ids[$0.shard] })::text[])
                 AS n (shard, epoch, sequence, id)
            JOIN outbox_events e
              ON e.shard = n.shard AND e.sequence = n.sequence AND e.id::text = coalesce(n.id, e.id::text)
            """)
        return try result.rows.map { row throws(PostgresError) in
            Acknowledgement(
                shard: try row.column(0), epoch: try row.column(1), sequence: try row.column(2),
                occurredAt: try row.column(3))
        }
    }

    func shardNumbers(_ result: PostgresResult) throws(PostgresError) -> Set<Int> {
        var numbers: Set<Int> = []
        for row in result.rows { numbers.insert(try row.column(0)) }
        return numbers
    }

    private func batches(of shards: [HeldShard], _ result: PostgresResult) throws(PostgresError) -> [ShardBatch] {
        let epochs = Dictionary(shards.map { ($0.shard, $0.epoch) }) { first, _ in first }
        var batches: [Int: ShardBatch] = [:]
        for row in result.rows {
            let shard: Int = try row.column(0)
            guard let epoch = epochs[shard] else { continue }
            let event = try LoggedEvent(row, from: 2)
            let cursor: Int64 = try row.column(1)
            let held = HeldShard(shard: shard, epoch: epoch, cursor: cursor)
            batches[shard, default: ShardBatch(held: held, events: [])].events.append(event)
            let isBlocked: Bool = try row.column(14)
            if isBlocked { batches[shard]?.blockedKeys.insert(event.orderingKey) }
        }
        return batches.values.map { batch in
            // SQL orders within a shard only by how it happens to join.
            var batch = batch
            batch.events.sort { $0.sequence < $1.sequence }
            return batch
        }
    }
}
