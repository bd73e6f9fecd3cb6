import CLibpq
package import Logging

/// One connection of its own, for what cannot be shared: scripts, session locks, transactions of several steps.
///
/// One thing at a time: whoever asks meanwhile is refused. A deadline that passes closes the connection. It is never
/// made again; close it when done.
package actor PostgresSession {
    private nonisolated let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private var handle: PostgresHandle?
    private var call: PostgresSessionCall?
    private var timer: TimerID?

    private init(reactor: Reactor) { self.reactor = reactor }

    /// Connects, within the configuration's time for it; throws `.unavailable` with the reason.
    package static func connect(
        _ configuration: PostgresConfiguration, reactor: Reactor, logger: Logger
    ) async throws(PostgresError) -> PostgresSession {
        let session = PostgresSession(reactor: reactor)
        try await session.open(configuration, logger)
        return session
    }

    private func open(_ configuration: PostgresConfiguration, _ logger: Logger) async throws(PostgresError) {
        let addresses = try await configuration.addresses(reactor: reactor, startingAt: 0)
        let handshake = PostgresHandshake(reactor: reactor)
        let result = await withCheckedContinuation { done in
            handshake.start(configuration, addresses: addresses, logger: logger) { done.resume(returning: $0) }
        }
        let handle = try result.get()
        PQsetnonblocking(handle.pointer, 1)
        self.handle = handle
        reactor.watch(PQsocket(handle.pointer), .read) { _ in self.assumeIsolated { $0.isReadyForSomething() } }
    }

    /// Runs one statement with its parameters.
    package func query(_ sql: SQL, within limit: Duration = .seconds(10)) async throws(PostgresError) -> PostgresResult
    {
        if let problem = PostgresUnit.problem([sql]) { throw problem }
        let results = try await perform(within: limit, script: nil) {
            PostgresParameters.send(sql, prepared: nil, on: $0)
        }
        guard let result = results.last else { throw PostgresError(.connectionLost, "the database did not answer") }
        return result
    }

    /// Runs a text of any number of statements; an error names the line, where the server knows it.
    ///
    /// Outside a transaction the statements are one, unless the text says otherwise.
    package func run(script: String, within limit: Duration) async throws(PostgresError) {
        guard !script.utf8.contains(0) else { throw PostgresError(.unencodable, "the script contains a NUL") }
        _ = try await perform(within: limit, script: script) { PQsendQuery($0, script) == 1 }
    }

    /// Whether a transaction is open, failed or not.
    package var isInTransaction: Bool {
        guard let handle else { return false }
        let status = PQtransactionStatus(handle.pointer)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// Safe to call twice.
    package func close() { close(PostgresError(.connectionLost, "the session was closed")) }

    // MARK: On the wire

    private func perform(
        within limit: Duration, script: String?, _ send: (OpaquePointer) -> Bool
    ) async throws(PostgresError) -> [PostgresResult] {
        guard let handle else { throw PostgresError(.unavailable, "the session is closed") }
        guard call == nil else { throw PostgresError(.unavailable, "the session is busy") }
        guard send(handle.pointer) else { throw PostgresError(.connectionLost, handle.pointer) }
        let result = await withCheckedContinuation { done in
            call = PostgresSessionCall(script: script, done)
            timer = reactor.after(limit) {
                self.assumeIsolated {
                    $0.close(PostgresError(.timedOut, "no answer from the database within \(limit)"))
                }
            }
            flush()
        }
        return try result.get()
    }

    private func flush() {
        guard let handle else { return }
        switch PQflush(handle.pointer) {
        case 0: reactor.setInterest(PQsocket(handle.pointer), .read)
        case 1: reactor.setInterest(PQsocket(handle.pointer), [.read, .write])
        case _: close(PostgresError(.connectionLost, handle.pointer))
        }
    }

    private func isReadyForSomething() {
        guard let handle else { return }
        let isAlive = PQconsumeInput(handle.pointer) == 1
        while let call, PQisBusy(handle.pointer) == 0 {
            guard let result = PQgetResult(handle.pointer) else {
                finish(call)
                break
            }
            defer { PQclear(result) }
            if !call.add(result) { return close(PostgresError(.connectionLost, "COPY is not supported")) }
        }
        guard isAlive, PQstatus(handle.pointer) == CONNECTION_OK else {
            return close(PostgresError(.connectionLost, handle.pointer))
        }
        flush()
    }

    private func finish(_ call: PostgresSessionCall) {
        self.call = nil
        if let timer { reactor.cancel(timer) }
        call.finish(nil)
    }

    private func close(_ error: PostgresError) {
        guard let handle else { return }
        self.handle = nil
        reactor.unwatch(PQsocket(handle.pointer))
        if let timer { reactor.cancel(timer) }
        call?.finish(error)
        call = nil
    }
}
