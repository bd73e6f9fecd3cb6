import Common

/// The relay's statements on parked events, for one sink and one relay; times are the database's.
///
/// As with cursors, every change demands owner and epoch of the event's shard: two relays never try the same event.
struct ParkingStore: Sendable {
    let log: OutboxLog

    /// Parked events of a shard that are due, in order, and how often each was refused before.
    struct Due: Sendable {
        var batch: ShardBatch
        var attempts: ParkedOutcome.Attempts = [:]
    }

    /// Reads what is due of `shards`, up to `ShardBatch.limit` events of each: first what was refused, then what is to
    /// be published once more.
    ///
    /// Of a key those are due that come before the first one whose time has not come: the head, and what waits behind.
    func due(_ shards: [HeldShard]) async throws(PostgresError) -> (refused: [Due], replays: [Due]) {
        let results = try await log.postgres.unit([due(shards, isReplay: false), due(shards, isReplay: true)])
        return (try Self.read(results[0], isReplay: false), try Self.read(results[1], isReplay: true))
    }

    private func due(_ shards: [HeldShard], isReplay: Bool) -> SQL {
        let isHeld = log.policy == .hold && !isReplay
        let sql: SQL = """
            SELECT c.shard, c.epoch, c.last_sequence, d.attempts,
                   e.sequence, e.id, e.event_type, e.event_version, e.ordering_key, e.occurred_at, e.payload,
                   e.traceparent, e.aggregate_type, e.aggregate_id, e.correlation_id, e.causation_id
            FROM unnest(\(shards.map(\.shard))::smallint[], \(shards.map(\.epoch))::bigint[]) AS n (shard, epoch)
            JOIN outbox_cursors c
              ON c.sink = \(log.sink) AND c.shard = n.shard AND c.owner = \(log.owner) AND c.epoch = n.epoch
            CROSS JOIN LATERAL (
                SELECT l.event, l.attempts
                FROM (
                    SELECT p.sequence, p.event, p.attempts,
                           bool_and(p.next_attempt_at <= clock_timestamp()) OVER (
                               PARTITION BY p.ordering_key ORDER BY p.sequence ROWS UNBOUNDED PRECEDING) AS is_due
                    FROM outbox_parked p
                    WHERE p.sink = c.sink AND p.shard = c.shard AND p.is_replay = \(isReplay)::boolean
                      AND p.state <> 'dead'
                      AND NOT (\(isHeld)::boolean AND EXISTS (
                          SELECT FROM outbox_parked g
                          WHERE g.sink = p.sink AND g.ordering_key = p.ordering_key AND NOT g.is_replay
                            AND g.state = 'dead' AND g.sequence < p.sequence))
                ) l
                WHERE l.is_due ORDER BY l.sequence LIMIT \(ShardBatch.limit)::bigint
            ) d
            CROSS JOIN LATERAL jsonb_populate_record(NULL::outbox_events, d.event) e
            """
        return sql.named("outbox_parked_due")
    }

    /// Takes events off that were published, and notes what became of the others; gives back the shards still ours.
    func settle(
        _ outcomes: [(held: HeldShard, outcome: ParkedOutcome)], isReplay: Bool
    ) async throws(PostgresError) -> Set<Int> {
        let taken = outcomes.flatMap { entry in entry.outcome.taken.map { (entry.held.shard, $0.sequence) } }
        let refused = outcomes.flatMap { entry in
            entry.outcome.refused.map { (shard: entry.held.shard, sequence: $0.key.sequence, standing: $0.value) }
        }
        let held = outcomes.map(\.held)
        let sql: SQL = """
            WITH kept AS (
                UPDATE outbox_cursors c
                SET updated_at = clock_timestamp(),
                    lease_until = clock_timestamp() + \(Int(log.lease.wholeMilliseconds))::bigint * interval '1 millisecond'
                FROM unnest(\(held.map(\.shard))::smallint[], \(held.map(\.epoch))::bigint[]) AS n (shard, epoch)
                WHERE c.sink = \(log.sink) AND c.shard = n.shard AND c.owner = \(log.owner) AND c.epoch = n.epoch
                RETURNING c.shard
            ), taken AS (
                DELETE FROM outbox_parked p
                USING kept k, unnest(\(taken.map(\.0))::smallint[], \(taken.map(\.1))::bigint[]) AS n (shard, sequence)
                WHERE k.shard = n.shard AND p.sink = \(log.sink) AND p.is_replay = \(isReplay)::boolean
                  AND p.sequence = n.sequence
            ), refused AS (
                UPDATE outbox_parked p
                SET state = n.state, attempts = n.attempts, last_status = n.status, last_error = n.error,
                    next_attempt_at = clock_timestamp() + n.pause * interval '1 millisecond'
                FROM kept k,
                     unnest(\(refused.map(\.shard))::smallint[], \(refused.map(\.sequence))::bigint[],
                            \(refused.map(\.standing.state.rawValue))::text[],
                            \(refused.map(\.standing.attempts))::integer[],
                            \(refused.map { Int($0.standing.pause.wholeMilliseconds) })::bigint[],
                            \(refused.map(\.standing.status))::integer[], \(refused.map(\.standing.error))::text[])
                     AS n (shard, sequence, state, attempts, pause, status, error)
                WHERE k.shard = n.shard AND p.sink = \(log.sink) AND p.is_replay = \(isReplay)::boolean
                  AND p.sequence = n.sequence
            )
            SELECT shard FROM kept
            """
        return try log.shardNumbers(try await log.postgres.unit(sql.named("outbox_parked_settle")))
    }

    private static func read(_ result: PostgresResult, isReplay: Bool) throws(PostgresError) -> [Due] {
        var found: [Int: Due] = [:]
        for row in result.rows {
            var event = try LoggedEvent(row, from: 4)
            event.isReplay = isReplay
            let held = HeldShard(shard: try row.column(0), epoch: try row.column(1), cursor: try row.column(2))
            var due = found[held.shard] ?? Due(batch: ShardBatch(held: held, events: [], source: .parked))
            due.batch.events.append(event)
            due.attempts[event.sequence] = try row.column(3)
            found[held.shard] = due
        }
        return found.values.map { due in
            // SQL orders within a shard only by how it happens to join.
            var due = due
            due.batch.events.sort { $0.sequence < $1.sequence }
            return due
        }
    }
}
