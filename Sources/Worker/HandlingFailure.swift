import Common

/// Whose fault a database error is.
enum HandlingFailure: Hashable, Sendable {
    /// A later owner has committed.
    case fenced
    /// What was read is no longer so: read again at once.
    case readAgain
    /// The database is away or overloaded, or its schema is not this release's yet.
    case outage
    /// The message itself.
    case message

    /// What was handled meanwhile, and a claim's reference that another has: the next one is drawn anew.
    private static let chosenAnew: Set<String?> = ["inbound_messages_pkey", "claims_reference_key"]

    /// A column, table or function that is not there: a migration is missing, and no message is to blame.
    private static let otherSchema: Set<String> = ["42703", "42P01", "42883"]

    /// Another's code went to the same number meanwhile, so that this one was not made.
    private static let codeNotMade = "outbound_messages_challenge_id_fkey"

    init(_ error: PostgresError) {
        if case .server(let sqlState, let constraint) = error.code {
            if sqlState == "WA001" {
                self = .fenced
            } else if sqlState == "WA002" || (sqlState == "23505" && Self.chosenAnew.contains(constraint))
                || (sqlState == "23503" && constraint == Self.codeNotMade)
            {
                self = .readAgain
            } else if Self.otherSchema.contains(sqlState) {
                self = .outage
            } else {
                self = error.isTransient ? .outage : .message
            }
        } else {
            self = error.isTransient ? .outage : .message
        }
    }
}
