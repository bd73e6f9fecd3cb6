import Common

/// Whether a sink was switched off, for all relays, until someone decides.
struct SinkRegister: Sendable {
    let postgres: PostgresClient
    let sink: String

    /// Why it is switched off; nil when it is not.
    func disabledReason() async throws(PostgresError) -> String? {
        let sql: SQL = """
            SELECT coalesce(disabled_reason, 'no reason was given') FROM outbox_sinks
            WHERE sink = \(sink) AND disabled_at IS NOT NULL
            """
        return try await postgres.unit(sql.named("outbox_sink")).rows.first?.column(0)
    }

    /// Switches it off; a reason that is there already stays.
    func disable(_ reason: String) async throws(PostgresError) {
        let sql: SQL = """
            UPDATE outbox_sinks SET disabled_at = clock_timestamp(), disabled_reason = \(reason)
            WHERE sink = \(sink) AND disabled_at IS NULL
            """
        _ = try await postgres.unit(sql.named("outbox_sink_disable"))
    }
}
