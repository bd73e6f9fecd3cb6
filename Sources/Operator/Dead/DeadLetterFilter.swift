import Common

/// A condition on `dead_letters`; empty lists and nil mean any.
struct DeadLetterFilter: Sendable {
    var sids: [String]
    var senders: [String]
    var reason: String?
    var since: Timestamp
    var until: Timestamp
    /// Those replayed or discarded too.
    var withClosed: Bool
    /// The newest row meant, so that what dies while a command runs is left out.
    var lastID = Int64.max

    /// Rows in one read; each may be 64 kB.
    static let page = 100

    /// The next page in the order of deaths, after the row `last`.
    func page(
        after last: StoredDeadLetter?, limit: Int = Self.page, on postgres: PostgresClient
    ) async throws(PostgresError) -> [StoredDeadLetter] {
        let sql: SQL = """
            SELECT id, message_sid, sender, reason, error, deliveries, raw, at, replayed_at, discarded_at
              FROM dead_letters
             WHERE (cardinality(\(sids)::text[]) = 0 OR message_sid = ANY (\(sids)))
               AND (cardinality(\(senders)::text[]) = 0 OR sender = ANY (\(senders)))
               AND (\(reason)::text IS NULL OR reason = \(reason)) AND at >= \(since) AND at < \(until)
               AND (\(withClosed)::boolean OR (replayed_at IS NULL AND discarded_at IS NULL)) AND id <= \(lastID)
               AND (at, id) > (\(last?.letter.at ?? .infinitelyEarly)::timestamptz, \(last?.id ?? 0)::bigint)
             ORDER BY at, id LIMIT \(min(limit, Self.page))
            """
        var letters: [StoredDeadLetter] = []
        for row in try await postgres.unit(sql.named("operator_dead"), within: .seconds(10)).rows {
            letters.append(try StoredDeadLetter(row))
        }
        return letters
    }

    /// How many there are, and the newest row's id.
    func extent(on postgres: PostgresClient) async throws(PostgresError) -> (count: Int, lastID: Int64) {
        let sql: SQL = """
            SELECT count(*), coalesce(max(id), 0)
              FROM dead_letters
             WHERE (cardinality(\(sids)::text[]) = 0 OR message_sid = ANY (\(sids)))
               AND (cardinality(\(senders)::text[]) = 0 OR sender = ANY (\(senders)))
               AND (\(reason)::text IS NULL OR reason = \(reason)) AND at >= \(since) AND at < \(until)
               AND (\(withClosed)::boolean OR (replayed_at IS NULL AND discarded_at IS NULL))
            """
        let row = try await postgres.unit(sql.named("operator_dead_count"), within: .seconds(10)).rows[0]
        return (try row.column(0), try row.column(1))
    }
}
