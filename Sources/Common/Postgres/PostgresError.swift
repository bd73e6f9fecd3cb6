/// Why a statement, a unit or a connection failed.
///
/// Its text never holds a parameter's value: those are personal data. PostgreSQL's DETAIL is dropped always, its
/// primary message is kept only for the classes of errors that do not quote values (a broken constraint does not,
/// an unreadable number does).
package struct PostgresError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// Never sent: no connection within the deadline, too many waiting, or the client is closed.
        case unavailable
        /// Sent, but not answered within its deadline: the outcome is unknown.
        case timedOut
        /// Sent, and the connection was lost before the answer: the outcome is unknown.
        case connectionLost
        /// Refused by the server, with the constraint it broke where there is one; nothing of its unit remains.
        case server(sqlState: String, constraint: String?)
        /// A column is missing, null or not of the type asked for.
        case undecodable
        /// A parameter that PostgreSQL cannot hold, or a unit larger than is sent; never sent.
        case unencodable
        /// More rows or bytes than are kept in memory; a writing unit has been carried out all the same.
        case resultTooLarge
    }

    package var code: Code
    package var message: String
    /// The table that the server named with its refusal.
    package var table: String?
    /// A prepared statement outlived a change of its tables; it is prepared anew next time.
    var isStalePlan = false

    package init(_ code: Code, _ message: String, table: String? = nil) {
        self.code = code
        self.message = message
        self.table = table
    }

    package var description: String { message }

    /// The five characters of SQLSTATE, when it was the server that refused.
    package var sqlState: String? {
        guard case .server(let sqlState, _) = code else { return nil }
        return sqlState
    }

    /// The name of the constraint that was broken.
    package var constraint: String? {
        guard case .server(_, let constraint) = code else { return nil }
        return constraint
    }

    package var isUniqueViolation: Bool { sqlState == "23505" }

    /// Whether the unit may have been carried out although it failed here.
    package var isOutcomeUnknown: Bool {
        switch code {
        case .timedOut, .connectionLost: true
        case .unavailable, .server, .undecodable, .unencodable, .resultTooLarge: false
        }
    }

    /// Whether the same unit may succeed later, unchanged.
    ///
    /// For the server's refusals: connection exceptions (08), lack of resources (53), operator intervention
    /// (57: shutdown, start-up, time-out), serialization failure, deadlock, lock not available, and a server that
    /// is read-only since a failover (25006).
    package var isTransient: Bool {
        switch code {
        case .unavailable, .timedOut, .connectionLost: true
        case .undecodable, .unencodable, .resultTooLarge: false
        case .server(let sqlState, _):
            isStalePlan || ["40001", "40P01", "55P03", "25006"].contains(sqlState)
                || ["08", "53", "57"].contains(String(sqlState.prefix(2)))
        }
    }
}
