import Common

/// Whose fault a database error is.
enum HandlingFailure: Hashable, Sendable {
    /// A later owner has committed.
    case fenced
    /// What was read is no longer so: read again at once.
    case readAgain
    /// The database is away or overloaded.
    case outage
    /// The message itself.
    case message

    init(_ error: PostgresError) {
        if case .server(let sqlState, let constraint) = error.code {
            if sqlState == "WA001" {
                self = .fenced
            } else if sqlState == "WA002" || (sqlState == "23505" && constraint == "inbound_messages_pkey") {
                self = .readAgain
            } else {
                self = error.isTransient ? .outage : .message
            }
        } else {
            self = error.isTransient ? .outage : .message
        }
    }
}
