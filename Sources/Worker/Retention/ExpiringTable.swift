import Common

/// The tables whose rows are deleted when they are older than `RETENTION_DAYS`.
enum ExpiringTable: String, CaseIterable, Sendable {
    case inboundMessages = "inbound_messages"
    case outboundMessages = "outbound_messages"
    case otpChallenges = "otp_challenges"
    case deadLetters = "dead_letters"
    case erasures

    /// Rows of one statement: few enough that nobody waits for their locks.
    static let rowsAtOnce = 500

    /// Deletes some that are older than `moment`, the oldest first; what another worker has in hand is passed over.
    ///
    /// Of messages nothing younger than an idle conversation is asked for: their latest outcome is its state no longer.
    func deletion(olderThan moment: Timestamp) -> SQL {
        let (key, age, condition): (SQL, SQL, SQL) =
            switch self {
            case .inboundMessages: ("message_sid", "received_at", "true")
            case .outboundMessages: ("id", "created_at", "true")
            // One that still works, or still counts for a limit, is younger than a day.
            case .otpChallenges: ("id", "created_at", "true")
            case .deadLetters: ("id", "at", "true")
            case .erasures: ("user_id", "erased_at", "finished_at IS NOT NULL")
            }
        let statement: SQL = """
            DELETE FROM \(identifier: rawValue) WHERE \(sql: key) IN (
              SELECT \(sql: key) FROM \(identifier: rawValue)
               WHERE \(sql: age) < \(moment) AND \(sql: condition)
               ORDER BY \(sql: age) LIMIT \(Self.rowsAtOnce) FOR UPDATE SKIP LOCKED)
            """
        return statement.named("expire_rows")
    }
}
