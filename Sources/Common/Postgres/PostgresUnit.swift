import CLibpq

/// Statements that are sent together, followed by one Sync, and what has come back for them so far.
///
/// PostgreSQL makes what precedes a Sync one transaction, so they are carried out all or not at all, whatever
/// becomes of the units before and after. Belongs to the reactor's thread.
final class PostgresUnit {
    /// What libpq answers one after the other, each with its results and then a null.
    enum Step {
        case prepare(PreparedStatement)
        case statement(PreparedStatement?)
    }

    /// More than this of a unit's rows is not kept.
    static let maximumBytes = 32 << 20

    let statements: [SQL]
    let deadline: ContinuousClock.Instant
    /// The unit's place among those that it may share a transaction with; nil when it is carried out alone.
    private(set) var order: PostgresUnitOrder?
    private var completion: CheckedContinuation<Result<[PostgresResult], PostgresError>, Never>?

    var steps: [Step] = []
    private(set) var failure: PostgresError?
    private var step = 0
    private var isStepAnswered = false
    private var rows = PostgresTableBuilder()
    private var bytes = 0
    private var results: [PostgresResult] = []

    init(
        _ statements: [SQL], deadline: ContinuousClock.Instant, order: PostgresUnitOrder? = nil,
        _ completion: CheckedContinuation<Result<[PostgresResult], PostgresError>, Never>?
    ) {
        self.statements = statements
        self.deadline = deadline
        self.order = order
        self.completion = completion
    }

    /// The step whose results are coming in; nil for the Sync's.
    var current: Step? { step < steps.count ? steps[step] : nil }

    /// libpq has given back a null: the step is over if it was answered.
    func endOfStep() {
        guard isStepAnswered else { return }
        step += 1
        isStepAnswered = false
    }

    /// One of the rows of the current step.
    func addRow(_ result: OpaquePointer) {
        isStepAnswered = true
        guard failure == nil, case .statement(let prepared)? = current else { return }
        let before = rows.size
        rows.add(result, known: prepared?.columns)
        bytes += rows.size - before
        guard bytes > Self.maximumBytes else { return }
        rows = PostgresTableBuilder()
        fail(PostgresError(.resultTooLarge, "\(statementName) gave more than \(Self.maximumBytes >> 20) MiB of rows"))
    }

    /// The current step has been carried out.
    func succeed(_ result: OpaquePointer) {
        isStepAnswered = true
        switch current {
        case .prepare(let prepared): prepared.isReady = true
        case .statement(let prepared):
            if failure == nil {
                rows.add(result, known: prepared?.columns)
                prepared?.columns = rows.names
                results.append(rows.finish(result))
            }
        case nil: break
        }
    }

    /// The server has refused the current step, or the commit; what follows is skipped by the server.
    func refuse(_ result: OpaquePointer) {
        isStepAnswered = true
        var error = PostgresError(result, statement: current == nil ? "commit" : statementName)
        // What was fine before on this connection (its columns are known) is so again once prepared anew.
        if case .statement(let prepared?)? = current, prepared.columns != nil, error.sqlState == "0A000" {
            error.isStalePlan = true
        }
        fail(error)
    }

    /// The server has skipped the current step.
    func skip() { isStepAnswered = true }

    private func fail(_ error: PostgresError) { failure = failure ?? error }

    private var statementName: String {
        let index = results.count
        return statements.indices.contains(index)
            ? "statement \(index + 1)\(statements[index].name.map { " (\($0))" } ?? "")" : "a statement"
    }

    /// Nothing of it was carried out, as it shared a transaction with one that was refused: from here on it is alone.
    func startAnew() {
        order = nil
        steps = []
        failure = nil
        step = 0
        isStepAnswered = false
        rows = PostgresTableBuilder()
        bytes = 0
        results = []
    }

    /// Tells whoever waits; the first call counts.
    ///
    /// A refusal by the server is certain, whatever has happened to the connection since.
    func finish(_ error: PostgresError? = nil) {
        guard let completion else { return }
        self.completion = nil
        if let error = failure?.sqlState != nil ? failure : error ?? failure {
            return completion.resume(returning: .failure(error))
        }
        guard results.count == statements.count else {
            let text = "the database answered \(results.count) of \(statements.count) statements"
            return completion.resume(returning: .failure(PostgresError(.connectionLost, text)))
        }
        completion.resume(returning: .success(results))
    }
}
