import Common

/// The stored messages that a replay means, read in the order in which they were received.
struct ReplaySelection: Sendable {
    let since: Timestamp
    let until: Timestamp
    /// Empty for everybody.
    let senders: [String]
    /// Those that were processed, too.
    let force: Bool

    /// Rows in one read; each may be 64 kB.
    private static let page = 100

    /// The page after `last`.
    ///
    /// A dead letter is as old as its message: the fourth field of its envelope says when that was received. Of several
    /// letters of one message the last counts, and it counts instead of the stored row.
    func page(after last: ReplayCandidate?, on postgres: PostgresClient) async throws(PostgresError)
        -> [ReplayCandidate]
    {
        let from = (last?.receivedAt ?? since, last?.place ?? -1, last?.messageSID ?? "")
        let sql: SQL = """
            SELECT m.*, CASE WHEN m.is_processed THEN
                     (SELECT count(*) FROM inbound_messages run
                       WHERE run.sender = m.sender AND starts_with(run.message_sid, m.message_sid || ':replay:'))
                   ELSE 0 END AS runs
              FROM (
                (SELECT i.message_sid, i.sender, i.kind, i.raw, i.received_at, i.correlation_id,
                        i.processed_at IS NOT NULL AS is_processed, i.sequence AS place, NULL::timestamptz AS at
                   FROM inbound_messages i
                  WHERE i.received_at >= \(since) AND i.received_at < \(until)
                    AND (cardinality(\(senders)::text[]) = 0 OR i.sender = ANY (\(senders)))
                    AND (i.processed_at IS NULL AND NOT EXISTS (
                           SELECT FROM dead_letters d
                            WHERE d.message_sid = i.message_sid AND d.replayed_at IS NULL AND d.discarded_at IS NULL)
                      OR i.processed_at IS NOT NULL AND \(force)::boolean AND i.kind = 'message'
                         AND position(':replay:' IN i.message_sid) = 0)
                    AND i.received_at >= \(from.0)
                    AND (i.received_at, i.sequence, i.message_sid) > (\(from.0)::timestamptz, \(from.1)::bigint, \(from.2)::text)
                  ORDER BY i.received_at, i.sequence, i.message_sid LIMIT \(Self.page))
                UNION ALL
                (SELECT l.message_sid, l.sender, NULL, l.raw, l.received_at, NULL, false, l.id, l.at
                   FROM (SELECT d.*, CASE WHEN h.micros ~ '^[0-9]{1,16}$'
                                     THEN timestamptz 'epoch' + h.micros::bigint * interval '1 microsecond'
                                     ELSE d.at END AS received_at
                           FROM dead_letters d,
                                LATERAL (SELECT split_part(encode(substring(d.raw FROM 1 FOR 700), 'escape'),
                                                           chr(31), 4) AS micros) h
                          WHERE d.replayed_at IS NULL AND d.discarded_at IS NULL AND d.at >= \(since)
                            AND (cardinality(\(senders)::text[]) = 0 OR d.sender = ANY (\(senders)))
                            AND NOT EXISTS (SELECT FROM dead_letters later
                                             WHERE later.message_sid = d.message_sid AND later.id > d.id
                                               AND later.replayed_at IS NULL AND later.discarded_at IS NULL)) l
                  WHERE l.received_at >= \(since) AND l.received_at < \(until)
                    AND (l.received_at, l.id, l.message_sid) > (\(from.0)::timestamptz, \(from.1)::bigint, \(from.2)::text)
                  ORDER BY l.received_at, l.id, l.message_sid LIMIT \(Self.page))
              ) m
             ORDER BY m.received_at, m.place, m.message_sid LIMIT \(Self.page)
            """
        var candidates: [ReplayCandidate] = []
        for row in try await postgres.unit(sql.named("operator_replay"), within: .seconds(10)).rows {
            candidates.append(try ReplayCandidate(row))
        }
        return candidates
    }

    /// How many there are, for who waits for them; 0 when that takes too long to find out.
    func count(on postgres: PostgresClient) async -> Int {
        let sql: SQL = """
            SELECT (SELECT count(*) FROM inbound_messages
                     WHERE received_at >= \(since) AND received_at < \(until)
                       AND (cardinality(\(senders)::text[]) = 0 OR sender = ANY (\(senders)))
                       AND (processed_at IS NULL OR \(force)::boolean AND kind = 'message'
                            AND position(':replay:' IN message_sid) = 0))
                 + (SELECT count(DISTINCT message_sid) FROM dead_letters
                     WHERE replayed_at IS NULL AND discarded_at IS NULL AND at >= \(since)
                       AND (cardinality(\(senders)::text[]) = 0 OR sender = ANY (\(senders))))
            """
        return (try? await postgres.unit(sql.named("operator_replay_count")).rows[0].column(0)) ?? 0
    }

    /// Notes that dead letters were replayed, and with each the earlier ones of its message.
    func markReplayed(_ letters: [DeadLetter], on postgres: PostgresClient) async throws(PostgresError) {
        guard !letters.isEmpty else { return }
        let sql: SQL = """
            UPDATE dead_letters d SET replayed_at = now()
              FROM unnest(\(letters.map(\.messageSID))::text[], \(letters.map(\.at))::timestamptz[]) AS r (sid, at)
             WHERE d.message_sid = r.sid AND d.at <= r.at AND d.replayed_at IS NULL AND d.discarded_at IS NULL
            """
        try await postgres.unit(sql.named("operator_replay_mark"))
    }
}
