import Common

extension OutboxLog {
    /// Moves cursors, extends their leases, and parks what they pass over without its being published: all or nothing.
    ///
    /// Gives back the shards that are still ours, with their cursors' places; of the others nothing is parked. An event
    /// that is given up already and comes again, because a cursor was put back, begins anew.
    func acknowledge(
        _ acknowledgements: [Acknowledgement], parking parkings: [Parking]
    ) async throws(PostgresError) -> [Int: CursorPlace] {
        if parkings.isEmpty { return try await acknowledge(acknowledgements) }
        let acknowledgements = acknowledgements.sorted { $0.shard < $1.shard }
        let standings = parkings.map(\.standing)
        return try places(
            try await postgres.unit(
                SQL(
                    """
                    WITH kept AS (
                        UPDATE outbox_cursors c
                        SET last_sequence = n.sequence, last_occurred_at = n.occurred_at, updated_at = clock_timestamp(),
                            lease_until = clock_timestamp() + \(Int(lease.wholeMilliseconds))::bigint * interval '1 millisecond'
                        FROM unnest(\(acknowledgements.map(\.shard))::smallint[], \(acknowledgements.map(\.epoch))::bigint[],
                                    \(acknowledgements.map(\.sequence))::bigint[],
                                    \(acknowledgements.map(\.occurredAt))::timestamptz[])
                             AS n (shard, epoch, sequence, occurred_at)
                        WHERE c.sink = \(sink) AND c.shard = n.shard AND c.owner = \(owner) AND c.epoch = n.epoch
                        RETURNING c.shard, c.ctid AS place
                    ), parked AS (
                        INSERT INTO outbox_parked (sink, sequence, shard, ordering_key, event, state, attempts,
                                                   next_attempt_at, last_status, last_error)
                        SELECT \(sink), e.sequence, e.shard, e.ordering_key, to_jsonb(e) - 'xid', n.state, n.attempts,
                               clock_timestamp() + n.pause * interval '1 millisecond', n.status, n.error
                        FROM unnest(\(parkings.map(\.shard))::smallint[], \(parkings.map(\.event.sequence))::bigint[],
                                    \(parkings.map(\.event.occurredAt))::timestamptz[],
                                    \(standings.map(\.state.rawValue))::text[], \(standings.map(\.attempts))::integer[],
                                    \(standings.map { Int($0.pause.wholeMilliseconds) })::bigint[],
                                    \(standings.map(\.status))::integer[], \(standings.map(\.error))::text[])
                             AS n (shard, sequence, occurred_at, state, attempts, pause, status, error)
                        JOIN kept k ON k.shard = n.shard
                        JOIN outbox_events e
                          ON e.shard = n.shard AND e.sequence = n.sequence AND e.occurred_at = n.occurred_at
                        ON CONFLICT (sink, sequence, is_replay) DO UPDATE
                        SET state = excluded.state, attempts = excluded.attempts, event = excluded.event,
                            next_attempt_at = excluded.next_attempt_at, last_status = excluded.last_status,
                            last_error = excluded.last_error, first_failed_at = excluded.first_failed_at
                        WHERE outbox_parked.state = 'dead'
                    )
                    SELECT shard, place FROM kept
                    """, name: "outbox_park")))
    }

    /// How much may still be parked, and behind each of `keys`.
    func room(for keys: Set<String>) async throws(PostgresError) -> ParkingRoom {
        let results = try await postgres.unit([
            "SELECT count(*) FROM outbox_parked WHERE sink = \(sink) AND NOT is_replay",
            """
            SELECT ordering_key, count(*) FROM outbox_parked
            WHERE sink = \(sink) AND NOT is_replay AND state <> 'dead' AND ordering_key = ANY (\(keys.sorted())::text[])
            GROUP BY ordering_key
            """,
        ])
        var waiting: [String: Int] = [:]
        for row in results[1].rows { waiting[try row.column(0)] = try row.column(1) }
        return ParkingRoom(parked: try results[0].rows.first?.column(0) ?? 0, waiting: waiting)
    }
}
