import CLibpq

/// What a session was asked for, and what has come back of it.
///
/// Belongs to the reactor's thread.
final class PostgresSessionCall {
    private let script: String?
    private let completion: CheckedContinuation<Result<[PostgresResult], PostgresError>, Never>
    private var results: [PostgresResult] = []
    private var failure: PostgresError?

    init(script: String?, _ completion: CheckedContinuation<Result<[PostgresResult], PostgresError>, Never>) {
        self.script = script
        self.completion = completion
    }

    /// Takes one statement's result; false when it starts a COPY, which nobody here could go on with.
    func add(_ result: OpaquePointer) -> Bool {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            var rows = PostgresTableBuilder()
            rows.add(result, known: nil)
            results.append(rows.finish(result))
            return true
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: return false
        case _:
            failure = failure ?? PostgresError(result, statement: line(PostgresDiagnostics(result)))
            return true
        }
    }

    func finish(_ error: PostgresError?) {
        let error = failure?.sqlState != nil ? failure : error ?? failure
        completion.resume(returning: error.map { .failure($0) } ?? .success(results))
    }

    private func line(_ fields: PostgresDiagnostics) -> String? {
        guard let script, let position = fields.position else { return nil }
        return "line \(script.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" } + 1)"
    }
}
