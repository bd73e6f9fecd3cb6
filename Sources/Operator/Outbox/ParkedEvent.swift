import Common

/// An event that a sink refused, or that waits behind one, and how it stands.
struct ParkedEvent: Sendable {
    let sequence: Int64
    let id: UUID?
    let type: String
    /// Whose it is: a user's id.
    let key: String
    /// retry, blocked or dead.
    let state: String
    let attempts: Int
    let nextAttempt: Timestamp
    let lastStatus: Int?
    let lastError: String?
    let since: Timestamp

    /// The first of those that `filter` means, in the log's order.
    static func first(
        _ limit: Int, of filter: ParkedFilter, on postgres: PostgresClient
    ) async throws(PostgresError) -> [ParkedEvent] {
        let sql: SQL = """
            SELECT p.sequence, (p.event->>'id')::uuid AS id, p.event->>'event_type' AS type, p.ordering_key, p.state,
                   p.attempts, p.next_attempt_at, p.last_status, p.last_error, p.first_failed_at
              FROM outbox_parked p WHERE \(sql: filter.condition) ORDER BY p.sequence LIMIT \(limit)
            """
        return try await postgres.unit(sql.named("operator_parked"), within: .seconds(10)).rows.map {
            row throws(PostgresError) in try ParkedEvent(row)
        }
    }

    private init(_ row: PostgresRow) throws(PostgresError) {
        sequence = try row.column("sequence")
        id = try row.column("id")
        type = try row.column("type", as: String?.self) ?? ""
        key = try row.column("ordering_key")
        state = try row.column("state")
        attempts = try row.column("attempts")
        nextAttempt = try row.column("next_attempt_at")
        lastStatus = try row.column("last_status")
        lastError = try row.column("last_error")
        since = try row.column("first_failed_at")
    }
}
