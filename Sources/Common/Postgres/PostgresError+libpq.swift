import CLibpq

extension PostgresError {
    /// Reads the server's refusal from a result; `statement` says which of the unit it was.
    ///
    /// A result without SQLSTATE is libpq's own, and means that the connection is gone.
    init(_ result: OpaquePointer, statement: String? = nil) {
        let fields = PostgresDiagnostics(result)
        guard let sqlState = fields.sqlState else {
            self.init(.connectionLost, "lost the connection to the database")
            return
        }
        let message = statement.map { "\($0): \(fields.safeMessage)" } ?? fields.safeMessage
        if fields.isFatal {
            self.init(.connectionLost, message)
        } else {
            self.init(.server(sqlState: sqlState, constraint: fields.constraint), message, table: fields.table)
        }
    }

    /// Why `connection` could not be made or was lost, in libpq's words, which hold host and user but no password.
    init(_ code: Code, _ connection: OpaquePointer) {
        let text = String(cString: PQerrorMessage(connection))
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }
        self.init(code, lines.isEmpty ? "lost the connection to the database" : lines.joined(separator: "; "))
    }
}

/// The fields of an error or a notice of the server's.
struct PostgresDiagnostics {
    let severity: String
    let sqlState: String?
    let constraint: String?
    let table: String?
    /// Characters from the start of the statement, from 1, of a syntax error.
    let position: Int?
    private let primary: String

    init(_ result: OpaquePointer) {
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        severity = field("V") ?? field("S") ?? "ERROR"
        sqlState = field("C")
        primary = field("M") ?? ""
        constraint = field("n")
        table = field("t")
        position = field("P").flatMap { Int($0) }
    }

    /// Whether the server closes the connection after it.
    var isFatal: Bool { severity == "FATAL" || severity == "PANIC" }

    /// The primary message with its SQLSTATE, without it where it may quote values.
    ///
    /// Left out: class 22, data exceptions, which quote the datum; 00 and 01, notices that functions raise.
    var safeMessage: String {
        guard let sqlState, !["00", "01", "02", "22"].contains(String(sqlState.prefix(2))) else {
            return "SQLSTATE \(sqlState ?? "unknown") (its message may quote data and is withheld)"
        }
        return "\(primary) (SQLSTATE \(sqlState))"
    }
}
