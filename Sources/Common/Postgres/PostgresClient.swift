import DequeModule
package import Logging

/// A few connections in pipeline mode that all tasks share, and that are made again when they are lost.
///
/// `run()` keeps them; nothing is sent without it. A unit that finds no connection waits for one within its deadline.
package actor PostgresClient {
    /// Units in flight on one connection; more would only wait in the server's socket.
    private static let maximumInFlight = 256
    /// Units waiting for a connection; more are refused.
    private static let maximumWaiting = 10_000

    package nonisolated let configuration: PostgresConfiguration
    nonisolated let reactor: Reactor
    nonisolated let logger: Logger
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    var connections: [Int: PostgresConnection] = [:]
    var handshakes: [Int: PostgresHandshake] = [:]
    private var isAccepting = true
    private(set) var isClosed = false
    /// Why the last attempt to connect failed; nil when it did not.
    package var lastProblem: PostgresError?
    private var metrics = PostgresMetrics()
    private var waiting: Deque<PostgresUnit> = []
    /// What may share a transaction, and waits for the one before it to be committed.
    private var gathering: Deque<PostgresUnit> = []
    private var isGathering = false
    private var waitingForReady: [(deadline: ContinuousClock.Instant, done: CheckedContinuation<Bool, Never>)] = []
    private var deadline: PostgresDeadline?

    package init(_ configuration: PostgresConfiguration, reactor: Reactor, logger: Logger) {
        self.configuration = configuration
        self.reactor = reactor
        self.logger = logger
    }

    // MARK: Units

    /// Runs `statements` in one round trip, all or nothing; each has its result in the same place.
    ///
    /// They are one implicit transaction: no BEGIN, COMMIT or anything that cannot run in one. Other units on the
    /// same connection are not affected when this one fails. Throws with `isOutcomeUnknown` when it was sent and
    /// not answered in time: then the connection is closed, for what follows could not be told apart. A unit is not
    /// ended by the cancellation of its task.
    ///
    /// One with an `order` may share its transaction with others that are ready at the same time: their statements go one
    /// unit after the other in that order, and when the server refuses any of them, all are carried out again, each alone.
    /// So what it does and answers is as if it were alone, but for `now()`, which is the transaction's. It is to lock
    /// nothing that another unit has before what comes next in that order.
    @discardableResult
    package func unit(
        _ statements: [SQL], order: PostgresUnitOrder? = nil, within limit: Duration = .seconds(5)
    ) async throws(PostgresError) -> [PostgresResult] {
        guard !statements.isEmpty else { return [] }
        if let problem = PostgresUnit.problem(statements) { throw problem }
        guard isAccepting else { throw PostgresError(.unavailable, "the database client is closed") }
        guard waiting.count + gathering.count < Self.maximumWaiting else {
            throw PostgresError(
                .unavailable, "\(waiting.count + gathering.count) units wait for a database connection already")
        }
        let start = ContinuousClock.now
        let result = await withCheckedContinuation { done in
            let unit = PostgresUnit(statements, deadline: start + limit, order: order, done)
            if order == nil {
                waiting.append(unit)
                dispatch()
                if !waiting.isEmpty { cover(start + limit) }
            } else {
                gathering.append(unit)
                dispatchGathered()
                cover(start + limit)
            }
        }
        metrics.record(statements, .now - start)
        return try result.get()
    }

    /// Runs one statement, which shares the round trip of those of other tasks.
    @discardableResult
    package func unit(
        _ statement: SQL, order: PostgresUnitOrder? = nil, within limit: Duration = .seconds(5)
    ) async throws(PostgresError) -> PostgresResult {
        try await unit([statement], order: order, within: limit)[0]
    }

    /// Whether a connection is made.
    package var isReady: Bool { !connections.isEmpty }

    /// Waits until a connection is made; throws `.unavailable`, with the reason of the last failure, if that takes longer.
    package func ready(within limit: Duration) async throws(PostgresError) {
        guard !self.isReady else { return }
        let isReady = await withCheckedContinuation { done in
            // Asked here too: a connection may have been made before this closure runs, and would not be told again.
            guard !self.isReady else { return done.resume(returning: true) }
            waitingForReady.append((.now + limit, done))
            cover(.now + limit)
        }
        guard isReady else {
            throw lastProblem ?? PostgresError(.unavailable, "no connection to the database within \(limit)")
        }
    }

    // MARK: Between connections and those who wait

    /// Sends what waits, each unit on the connection with the fewest in flight.
    func dispatch() {
        while !waiting.isEmpty, let connection = leastLoaded() { connection.send(waiting.removeFirst()) }
    }

    /// Sends what has gathered when this turn of the reactor is over, so that all that is ready by then goes together.
    private func dispatchGathered() {
        guard !isGathering, !gathering.isEmpty else { return }
        isGathering = true
        reactor.beforeSleep {
            self.assumeIsolated { client in
                client.isGathering = false
                client.sendGathered()
            }
        }
    }

    /// One shared transaction at a time on a connection: what comes meanwhile is the next one.
    private func sendGathered() {
        while !gathering.isEmpty, let connection = leastLoaded(forGroup: true) {
            let units = Array(gathering.prefix(PostgresGroup.maximumUnits))
            gathering.removeFirst(units.count)
            connection.send(shared: units)
        }
    }

    /// A connection has room, or a transaction that units shared was refused: then they come first, each alone.
    func settled() {
        for connection in connections.values { takeRefused(connection) }
        dispatch()
        dispatchGathered()
    }

    /// A connection was closed: nobody is to be given it.
    func remove(_ slot: Int) {
        guard let connection = connections.removeValue(forKey: slot) else { return }
        takeRefused(connection)
        dispatch()
    }

    private func takeRefused(_ connection: PostgresConnection) {
        let alone = connection.takeRefused()
        guard let soonest = alone.lazy.map(\.deadline).min() else { return }
        waiting.insert(contentsOf: alone, at: 0)
        cover(soonest)
    }

    private func leastLoaded(forGroup: Bool = false) -> PostgresConnection? {
        var best: PostgresConnection?
        for connection in connections.values
        where connection.isAccepting && connection.load < Self.maximumInFlight && !(forGroup && connection.hasGroup) {
            if connection.load < best?.load ?? .max { best = connection }
        }
        return best
    }

    /// A connection was made: whoever waited goes on.
    func connectionIsReady() {
        let ready = waitingForReady
        waitingForReady = []
        for waiter in ready { waiter.done.resume(returning: true) }
        settled()
        recordConnections()
    }

    /// Units that wait or are in flight.
    var load: Int { connections.values.reduce(waiting.count + gathering.count) { $0 + $1.load } }

    /// From here on units are refused; those before go on.
    func stopAccepting() { isAccepting = false }

    /// Fails everything that waits and closes all connections, for good.
    ///
    /// Safe to call twice.
    func close() {
        isAccepting = false
        isClosed = true
        let error = PostgresError(.unavailable, "the database client is closed")
        let units = waiting + gathering
        waiting = []
        gathering = []
        for unit in units { unit.finish(error) }
        for waiter in waitingForReady { waiter.done.resume(returning: false) }
        waitingForReady = []
        for handshake in handshakes.values { handshake.cancel() }
        for connection in connections.values {
            connection.close(PostgresError(.connectionLost, "the database client was closed"))
        }
        deadline?.stop()
        deadline = nil
    }

    func recordConnections() {
        let busy = connections.values.count { $0.load > 0 }
        let ready = connections.count - busy
        metrics.record(ready: ready, busy: busy, connecting: configuration.connections - ready - busy)
    }

    private func cover(_ moment: ContinuousClock.Instant) {
        let deadline = deadline ?? PostgresDeadline(reactor) { self.assumeIsolated { $0.checkDeadlines() } }
        self.deadline = deadline
        deadline.cover(moment)
    }

    private func checkDeadlines() {
        let now = ContinuousClock.now
        let overdue = (waiting + gathering).filter { $0.deadline <= now }
        waiting.removeAll { $0.deadline <= now }
        gathering.removeAll { $0.deadline <= now }
        let reason = lastProblem.map { ": \($0)" } ?? ""
        for unit in overdue {
            unit.finish(PostgresError(.unavailable, "no database connection was free within the time allowed\(reason)"))
        }
        let unready = waitingForReady.filter { $0.deadline <= now }
        waitingForReady.removeAll { $0.deadline <= now }
        for waiter in unready { waiter.done.resume(returning: false) }
        if let next = ((waiting + gathering).map(\.deadline) + waitingForReady.map(\.deadline)).min() { cover(next) }
    }
}
