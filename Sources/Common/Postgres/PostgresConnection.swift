import CLibpq
import DequeModule

/// One connection in pipeline mode: units of many tasks are in flight on it at once.
///
/// Belongs to the reactor's thread; its readiness handler keeps it alive until it is closed.
final class PostgresConnection {
    /// How it ended.
    struct End: Sendable {
        let error: PostgresError
        /// Whether it has carried out a unit, so that connecting again at once is worth it.
        let hasServed: Bool
    }

    private let handle: PostgresHandle
    private let reactor: Reactor
    private let onSettled: () -> Void
    private var onClosed: ((End) -> Void)?
    private let descriptor: Int32
    private var inFlight: Deque<PostgresGroup> = []
    /// Units sent and not answered.
    private(set) var load = 0
    /// Whether units that share a transaction are in flight: the next ones gather meanwhile.
    private(set) var hasGroup = false
    private var refused: [PostgresUnit] = []
    private var prepared = PreparedStatements()
    private var deadline: PostgresDeadline?
    private var isFlushing = false
    private var hasServed = false
    private var mustReconnect = false
    private var toDeallocate: [String] = []

    /// Takes over a connection that is made; nil when it was lost meanwhile.
    ///
    /// `onSettled` is called when there is room for another unit, `onClosed` once, when no unit is left.
    init?(
        _ handle: PostgresHandle, reactor: Reactor, onSettled: @escaping () -> Void,
        onClosed: @escaping (End) -> Void
    ) {
        self.handle = handle
        self.reactor = reactor
        self.onSettled = onSettled
        self.onClosed = onClosed
        descriptor = PQsocket(handle.pointer)
        guard descriptor >= 0, PQsetnonblocking(handle.pointer, 1) == 0, PQenterPipelineMode(handle.pointer) == 1
        else { return nil }
        deadline = PostgresDeadline(reactor) { [weak self] in self?.checkDeadlines() }
        reactor.watch(descriptor, .read) { _ in self.isReadyForSomething() }
    }

    private var isOpen: Bool { onClosed != nil }

    /// Whether it is open and to be given more units.
    var isAccepting: Bool { isOpen && !mustReconnect }

    // MARK: Sending

    /// Sends `unit` alone: its statements and its Sync leave in one write.
    func send(_ unit: PostgresUnit) { send(PostgresGroup(unit)) }

    /// Sends units that share a transaction.
    func send(shared units: [PostgresUnit]) {
        hasGroup = true
        send(PostgresGroup(gathered: units))
    }

    /// Nothing in here may wait: statements of two groups must not mix.
    private func send(_ group: PostgresGroup) {
        var isSent = true
        for unit in group.units {
            for statement in unit.statements { isSent = isSent && send(statement, of: unit) }
        }
        // Writes what is buffered as well (libpq 15), as far as the socket takes it.
        isSent = isSent && PQpipelineSync(handle.pointer) == 1
        inFlight.append(group)
        load += group.units.count
        guard isSent else { return close(PostgresError(.connectionLost, handle.pointer)) }
        PQsetSingleRowMode(handle.pointer)
        if let moment = group.deadline { deadline?.cover(moment) }
        flushBeforeSleep()
    }

    private func send(_ statement: SQL, of unit: PostgresUnit) -> Bool {
        if let known = prepared.find(statement.text) {
            unit.steps.append(.statement(known.isReady ? known : nil))
            return PostgresParameters.send(statement, prepared: known.isReady ? known.name : nil, on: handle.pointer)
        }
        let (new, evicted) = prepared.add(statement.text)
        if let evicted { toDeallocate.append(evicted.name) }
        unit.steps.append(.prepare(new))
        unit.steps.append(.statement(new))
        return PQsendPrepare(handle.pointer, new.name, new.text, 0, nil) == 1
            && PostgresParameters.send(statement, prepared: new.name, on: handle.pointer)
    }

    private func flushBeforeSleep() {
        guard !isFlushing else { return }
        isFlushing = true
        reactor.beforeSleep {
            self.isFlushing = false
            self.deallocateEvicted()
            self.flush()
        }
    }

    /// Frees the names that made room, in a unit of their own: another unit's failure must not skip it.
    private func deallocateEvicted() {
        guard isOpen, !toDeallocate.isEmpty else { return }
        let statements = toDeallocate.map { SQL(stringLiteral: "DEALLOCATE \($0)") }
        toDeallocate = []
        let unit = PostgresUnit(statements, deadline: .now + .seconds(30), nil)
        unit.steps = statements.map { _ in .statement(nil) }
        let isSent = statements.allSatisfy { PostgresParameters.send($0, prepared: nil, on: handle.pointer) }
        inFlight.append(PostgresGroup(unit))
        load += 1
        guard isSent, PQpipelineSync(handle.pointer) == 1 else {
            return close(PostgresError(.connectionLost, handle.pointer))
        }
        deadline?.cover(unit.deadline)
    }

    private func flush() {
        guard isOpen else { return }
        switch PQflush(handle.pointer) {
        case 0: reactor.setInterest(descriptor, .read)
        case 1: reactor.setInterest(descriptor, [.read, .write])
        case _: close(PostgresError(.connectionLost, handle.pointer))
        }
    }

    // MARK: Receiving

    private func isReadyForSomething() {
        guard isOpen else { return }
        let isAlive = PQconsumeInput(handle.pointer) == 1
        let groups = inFlight.count
        takeResults()
        guard isOpen else { return }
        if !isAlive || inFlight.isEmpty && PQstatus(handle.pointer) == CONNECTION_BAD {
            return close(PostgresError(.connectionLost, handle.pointer))
        }
        flush()
        if inFlight.count < groups { onSettled() }
    }

    /// Units that are to be carried out alone, as a transaction that they shared was refused.
    func takeRefused() -> [PostgresUnit] {
        defer { refused = [] }
        return refused
    }

    private func takeResults() {
        var nulls = 0
        while isOpen, let group = inFlight.first, PQisBusy(handle.pointer) == 0 {
            guard let result = PQgetResult(handle.pointer) else {
                group.endOfStep()
                PQsetSingleRowMode(handle.pointer)  // of the next statement, if that is what follows
                nulls += 1
                if nulls > 2 { return }  // libpq has nothing more: the next readiness tells why
                continue
            }
            nulls = 0
            defer { PQclear(result) }
            take(result, of: group)
        }
    }

    private func take(_ result: OpaquePointer, of group: PostgresGroup) {
        let unit = group.current
        switch PQresultStatus(result) {
        case PGRES_SINGLE_TUPLE: unit.addRow(result)
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: unit.succeed(result)
        case PGRES_PIPELINE_SYNC:
            inFlight.removeFirst()
            load -= group.units.count
            if group.isGathered { hasGroup = false }
            hasServed = true
            refused += group.finish()
            PQsetSingleRowMode(handle.pointer)
        case PGRES_PIPELINE_ABORTED:
            if case .prepare(let statement)? = unit.current { prepared.forget(statement) }
            unit.skip()
        case _:
            forgetAfterRefusal(of: unit, PostgresDiagnostics(result).sqlState)
            group.refuse(result)
            guard let failure = unit.failure else { return }
            // FATAL, or a primary that has become a standby: another connection is needed.
            if failure.code == .connectionLost { return close(failure) }
            if failure.sqlState == "25006" { mustReconnect = true }
        }
        if mustReconnect, inFlight.isEmpty { close(PostgresError(.connectionLost, "the server has become read-only")) }
    }

    /// Drops names of no use: not prepared, unknown to the server (26000), or with a plan of before a change of
    /// the schema (0A000).
    private func forgetAfterRefusal(of unit: PostgresUnit, _ sqlState: String?) {
        switch unit.current {
        case .prepare(let statement): prepared.forget(statement)
        case .statement(let statement?): if sqlState == "26000" || sqlState == "0A000" { prepared.forget(statement) }
        case .statement(nil), nil: break
        }
    }

    // MARK: The end

    private func checkDeadlines() {
        guard isOpen else { return }
        let now = ContinuousClock.now
        let soonest = inFlight.lazy.compactMap(\.deadline).min()
        if let soonest, soonest <= now {
            close(PostgresError(.connectionLost, "closed the connection, as another unit on it took too long"))
        } else if let next = soonest {
            deadline?.cover(next)
        }
    }

    /// Closes at once: units in flight fail with `error`, those past their deadline with `.timedOut`.
    ///
    /// Safe to call twice.
    func close(_ error: PostgresError) {
        guard let onClosed else { return }
        self.onClosed = nil
        reactor.unwatch(descriptor)
        deadline?.stop()
        let now = ContinuousClock.now
        let failed = inFlight.flatMap(\.units)
        inFlight = []
        load = 0
        for unit in failed {
            let timedOut = PostgresError(.timedOut, "no answer from the database within the time allowed")
            unit.finish(unit.deadline <= now ? timedOut : error)
        }
        onClosed(End(error: error, hasServed: hasServed))
    }
}
