import Common

/// A condition on `dead_letters`; empty lists and nil mean any.
struct DeadLetterFilter: Sendable {
    /// Rows by their ids.
    var ids: [Int64] = []
    var sids: [String] = []
    var senders: [String] = []
    var reason: String?
    var since = Timestamp.infinitelyEarly
    var until = Timestamp.infinitelyLate
    /// Those replayed or discarded too.
    var withClosed = false
    /// Of those only the ones with this fate; nil means any.
    var status: StoredDeadLetter.Status?
    /// The newest row meant, so that what dies while a command runs is left out.
    var lastID = Int64.max

    /// Rows in one read; each may be 64 kB.
    static let page = 100

    /// The next page in the order of deaths, after the row `last`.
    func page(
        after last: StoredDeadLetter?, limit: Int = Self.page, on postgres: PostgresClient
    ) async throws(PostgresError) -> [StoredDeadLetter] {
        let sql: SQL = """
            SELECT \(sql: StoredDeadLetter.columns) FROM dead_letters
             WHERE \(sql: condition)
               AND (at, id) > (\(last?.letter.at ?? .infinitelyEarly)::timestamptz, \(last?.id ?? 0)::bigint)
             ORDER BY at, id LIMIT \(min(limit, Self.page))
            """
        return try await letters(sql.named("operator_dead"), on: postgres)
    }

    /// The newest of them, or the newest of those that died before the row `last`.
    func newest(
        before last: (at: Timestamp, id: Int64)?, limit: Int, on postgres: PostgresClient
    ) async throws(PostgresError) -> [StoredDeadLetter] {
        let sql: SQL = """
            SELECT \(sql: StoredDeadLetter.columns) FROM dead_letters
             WHERE \(sql: condition)
               AND (at, id) < (\(last?.at ?? .infinitelyLate)::timestamptz, \(last?.id ?? .max)::bigint)
             ORDER BY at DESC, id DESC LIMIT \(min(limit, Self.page + 1))
            """
        return try await letters(sql.named("operator_dead_newest"), on: postgres)
    }

    private func letters(
        _ sql: SQL, on postgres: PostgresClient
    ) async throws(PostgresError) -> [StoredDeadLetter] {
        var letters: [StoredDeadLetter] = []
        for row in try await postgres.unit(sql, within: .seconds(10)).rows {
            letters.append(try StoredDeadLetter(row))
        }
        return letters
    }

    /// How many there are, and the newest row's id.
    func extent(on postgres: PostgresClient) async throws(PostgresError) -> (count: Int, lastID: Int64) {
        let sql: SQL = "SELECT count(*), coalesce(max(id), 0) FROM dead_letters WHERE \(sql: condition)"
        let row = try await postgres.unit(sql.named("operator_dead_count"), within: .seconds(10)).rows[0]
        return (try row.column(0), try row.column(1))
    }

    /// How many there are, how many of those can be replayed (`StoredDeadLetter.obstacle`), and the newest row's id.
    func openings(
        on postgres: PostgresClient
    ) async throws(PostgresError) -> (open: Int, replayable: Int, lastID: Int64) {
        let sql: SQL = """
            SELECT count(*), count(*) FILTER (WHERE raw IS NOT NULL AND message_sid NOT LIKE 'malformed:%'),
                   coalesce(max(id), 0)
              FROM dead_letters WHERE \(sql: condition)
            """
        let row = try await postgres.unit(sql.named("operator_dead_openings"), within: .seconds(10)).rows[0]
        return (try row.column(0), try row.column(1), try row.column(2))
    }

    /// The condition on a row of dead_letters.
    private var condition: SQL {
        """
        (cardinality(\(ids)::bigint[]) = 0 OR id = ANY (\(ids)))
        AND (cardinality(\(sids)::text[]) = 0 OR message_sid = ANY (\(sids)))
        AND (cardinality(\(senders)::text[]) = 0 OR sender = ANY (\(senders)))
        AND (\(reason)::text IS NULL OR reason = \(reason)) AND at >= \(since) AND at < \(until)
        AND (\(withClosed)::boolean OR (replayed_at IS NULL AND discarded_at IS NULL))
        AND (\(status?.rawValue)::text IS NULL OR \(status?.rawValue)::text =
             CASE WHEN discarded_at IS NOT NULL THEN 'discarded' WHEN replayed_at IS NOT NULL THEN 'replayed' ELSE 'open' END)
        AND id <= \(lastID)
        """
    }
}
