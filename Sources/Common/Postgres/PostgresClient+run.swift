import Logging
import ServiceLifecycle

extension PostgresClient: Service {
    private static let backoff = Backoff(base: .milliseconds(50), cap: .seconds(5))

    /// Makes the connections, and makes them again when they are lost, until cancelled or told to shut down.
    ///
    /// On graceful shutdown what was asked for until then is finished first, for as long as its deadlines allow.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for slot in 0..<max(1, configuration.connections) { group.addTask { await self.maintain(slot) } }
            group.addTask { await self.sample() }
            if (try? await gracefulShutdown()) != nil {
                stopAccepting()
                while load > 0, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(10)) }
            }
            close()
            group.cancelAll()
        }
    }

    /// Keeps one connection.
    private func maintain(_ slot: Int) async {
        var attempt = 0
        while !isClosed, !Task.isCancelled {
            do {
                let handle = try await connect(slot, attempt: attempt)
                if await serve(handle, slot) { attempt = 0 }
            } catch {
                if lastProblem?.message != error.message, !isClosed {
                    logger.warning("cannot connect to the database", metadata: ["error": "\(error)"])
                }
                lastProblem = error
            }
            guard !isClosed else { return }
            try? await Task.sleep(for: Self.backoff.delay(attempt: attempt))
            attempt += 1
        }
    }

    private func connect(_ slot: Int, attempt: Int) async throws(PostgresError) -> PostgresHandle {
        let addresses = try await configuration.addresses(reactor: reactor, startingAt: attempt)
        guard !isClosed else { throw PostgresError(.unavailable, "the database client is closed") }
        let handshake = PostgresHandshake(reactor: reactor)
        handshakes[slot] = handshake
        defer { handshakes[slot] = nil }
        let result: Result<PostgresHandle, PostgresError> = await withCheckedContinuation { done in
            // Asked here too: the client can be closed before this closure runs, and then nobody would end the handshake.
            guard !isClosed else {
                return done.resume(returning: .failure(PostgresError(.unavailable, "the database client is closed")))
            }
            handshake.start(configuration, addresses: addresses, logger: logger) { done.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Lends the connection to units until it is lost; gives back whether it was of use.
    private func serve(_ handle: PostgresHandle, _ slot: Int) async -> Bool {
        guard !isClosed else { return false }
        let end: PostgresConnection.End? = await withCheckedContinuation { done in
            // Asked here too, as above: a connection made after the client was closed would never be closed.
            guard !isClosed else { return done.resume(returning: nil) }
            let connection = PostgresConnection(
                handle, reactor: reactor, onSettled: { self.assumeIsolated { $0.settled() } },
                onClosed: { end in
                    // At once, so that nobody is given a closed connection.
                    self.assumeIsolated { $0.remove(slot) }
                    done.resume(returning: end)
                })
            guard let connection else { return done.resume(returning: nil) }
            logger.info("connected to the database", metadata: ["connection": "\(slot)"])
            lastProblem = nil
            connections[slot] = connection
            connectionIsReady()
        }
        recordConnections()
        if !isClosed {
            logger.warning("lost a database connection", metadata: ["error": "\(end?.error.message ?? "at once")"])
        }
        return end?.hasServed ?? false
    }

    private func sample() async {
        while !Task.isCancelled {
            recordConnections()
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
