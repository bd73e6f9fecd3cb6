import DequeModule
package import Logging
import ServiceLifecycle

/// A Redis that is used by many tasks over one connection, which is replaced when it ends.
///
/// Commands of all tasks that are given in one turn of the reactor leave in one write. While there is no connection they
/// wait for one until their deadline, and then fail as `unavailable`. A connection on which a reply is overdue is closed,
/// since replies are matched by order, and all who wait on it fail: `timedOut` or `connectionLost` when the command was
/// written, `unavailable` when it was not. Cancelling a task does not take its command back: it ends with the reply or the
/// deadline. A command that blocks the connection (BLMOVE) needs a client of its own.
package actor RedisClient: Service {
    package nonisolated let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let configuration: RedisConfiguration
    private let connector: RedisConnector
    private var connection: RedisConnection?
    private var backlog: RedisBacklog
    private var readiness: Latch
    private var isClosed = false
    private let onChange: @Sendable () -> Void

    package init(_ configuration: RedisConfiguration, reactor: Reactor, logger: Logger) {
        self.init(configuration, dialer: RedisDialer(reactor: reactor), logger: logger)
    }

    /// As above; `onChange` is called on the reactor's thread when `isReady` may have changed.
    init(
        _ configuration: RedisConfiguration, dialer: RedisDialer, logger: Logger,
        onChange: @escaping @Sendable () -> Void = {}
    ) {
        reactor = dialer.reactor
        self.configuration = configuration
        self.onChange = onChange
        connector = RedisConnector(dialer: dialer, logger: logger) { _ in configuration }
        backlog = RedisBacklog(reactor: reactor)
        readiness = Latch(reactor)
    }

    /// Connects and reconnects until shut down, then finishes the commands in flight and closes.
    ///
    /// A graceful shutdown of the task and `shutDown()` do the same; cancelling the task closes at once. It runs once.
    package func run() async {
        await withGracefulShutdownHandler {
            await connector.run { connection in
                self.use(connection)
            } onEnd: {
                self.connection = nil
                self.onChange()
            }
        } onGracefulShutdown: {
            self.shutDown()
        }
        isClosed = true
        backlog.failAll(connector.lastFailure)
        readiness.open()
    }

    /// Takes no more commands, waits for the replies that are due and ends `run`.
    ///
    /// Safe to call twice, from any thread.
    package nonisolated func shutDown() {
        reactor.submit { self.assumeIsolated { $0.stop() } }
    }

    /// Whether a command given now is written at once.
    package var isReady: Bool { connection?.takesCommands ?? false }

    /// Whether no command waits for a reply.
    var isIdle: Bool { backlog.count + (connection?.inFlightCount ?? 0) == 0 }

    /// Why there is no connection, when there is none.
    var lastFailure: RedisError { connector.lastFailure }

    /// The server's run id, another one after each of its restarts; nil before the first connection or when not allowed.
    package var serverRunID: String? { connector.serverRunID }

    /// Waits until the server can be used.
    package func ready(within limit: Duration) async throws(RedisError) {
        let deadline = ContinuousClock.now + limit
        while !isReady {
            if readiness.isOpen, !isClosed { readiness = Latch(reactor) }
            guard !isClosed, !connector.isStopping, await readiness.wait(until: deadline) else {
                throw RedisError(.unavailable, "not ready: \(connector.lastFailure)")
            }
        }
    }

    /// Sends one command and gives back its reply; an error reply is thrown.
    ///
    /// `limit` counts from now, `configuration.commandTimeout` when nil.
    package func send(_ command: RedisCommand, within limit: Duration? = nil) async throws(RedisError) -> RedisValue {
        let result = await withCheckedContinuation { continuation in
            enqueue(command, within: limit) { continuation.resume(returning: $0) }
        }
        return try RedisClient.value(of: result).get()
    }

    /// Sends commands together, in one write, and gives back all replies; error replies are values.
    package func send(_ commands: [RedisCommand], within limit: Duration? = nil) async throws(RedisError)
        -> [RedisValue]
    {
        if commands.isEmpty { return [] }
        let result = await withCheckedContinuation { continuation in
            let batch = RedisBatch(commands.count) { continuation.resume(returning: $0) }
            if let refusal = refusal(of: commands.count) { return continuation.resume(returning: .failure(refusal)) }
            for (index, command) in commands.enumerated() {
                accept(command, within: limit) { batch.complete(index, $0) }
            }
        }
        return try result.get()
    }

    /// Sends one command from any thread, without a task; an error reply is a failure.
    ///
    /// `completion` is called once, on the reactor's thread, and must not block it.
    package nonisolated func submit(
        _ command: RedisCommand, within limit: Duration?,
        _ completion: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void
    ) {
        reactor.submit {
            self.assumeIsolated { client in
                client.enqueue(command, within: limit) { completion(RedisClient.value(of: $0)) }
            }
        }
    }

    /// Takes a command on the reactor's thread, or says why not, and then `complete` is not called; an error reply is a value.
    ///
    /// With `asking`, ASKING goes right before it: the node serves a slot that is on its way to it, this once.
    func offer(
        _ command: RedisCommand, started: ContinuousClock.Instant, deadline: ContinuousClock.Instant,
        asking: Bool = false, _ complete: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void
    ) -> RedisError? {
        if let refusal = refusal(of: 1) { return refusal }
        if asking {
            accept(RedisPending(command: Self.asking, started: started, deadline: deadline) { _ in })
        }
        accept(RedisPending(command: command, started: started, deadline: deadline, complete: complete))
        return nil
    }

    // MARK: -

    private static let asking = RedisCommand("ASKING")

    private func enqueue(
        _ command: RedisCommand, within limit: Duration?,
        _ complete: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        if let refusal = refusal(of: 1) { return complete(.failure(refusal)) }
        accept(command, within: limit, complete)
    }

    private func accept(
        _ command: RedisCommand, within limit: Duration?,
        _ complete: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        let now = ContinuousClock.now
        accept(
            RedisPending(
                command: command, started: now, deadline: now + (limit ?? configuration.commandTimeout),
                complete: complete))
    }

    private func accept(_ pending: RedisPending) {
        if let connection, connection.takesCommands {
            connection.send(pending)
        } else {
            backlog.append(pending)
        }
    }

    private func refusal(of count: Int) -> RedisError? {
        if isClosed || connector.isStopping { return RedisError(.unavailable, "the client is shut down") }
        let waiting = backlog.count + (connection?.inFlightCount ?? 0)
        let bytes = backlog.bytes + (connection?.unwrittenBytes ?? 0)
        guard waiting + count <= configuration.maximumWaiting, bytes <= configuration.maximumWaitingBytes else {
            return RedisError(.unavailable, "too many commands wait")
        }
        return nil
    }

    private func use(_ connection: RedisConnection) {
        self.connection = connection
        for pending in backlog.takeAll() { connection.send(pending) }
        readiness.open()
        onChange()
    }

    private func stop() {
        connector.stop()
        backlog.failAll(RedisError(.unavailable, "the client is shut down"))
    }

    /// An error reply as the failure it is.
    static func value(of result: Result<RedisValue, RedisError>) -> Result<RedisValue, RedisError> {
        if case .success(.error(let text)) = result { return .failure(RedisError(reply: text)) }
        return result
    }
}
