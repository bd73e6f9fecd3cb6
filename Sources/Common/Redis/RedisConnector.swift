import Logging

/// Keeps one connection open: connects, logs in, hands it over, and replaces it when it ends.
///
/// It belongs to the reactor's thread.
final class RedisConnector {
    private static let backoff = Backoff(base: .milliseconds(50), cap: .seconds(5))
    /// A connection that lasted this long starts the waits anew.
    private static let provenAfter: Duration = .seconds(5)

    private let configuration: RedisConfiguration
    private let reactor: Reactor
    private let logger: Logger
    private let resolver: HostResolver
    private let stopping: Latch
    private let metrics = RedisMetrics()
    private var tls: TLSContext?
    private var current: RedisConnection?
    private(set) var serverRunID: String?
    private(set) var lastFailure = RedisError(.unavailable, "not connected yet")

    init(_ configuration: RedisConfiguration, reactor: Reactor, logger: Logger) {
        self.configuration = configuration
        self.reactor = reactor
        self.logger = logger
        resolver = HostResolver(reactor: reactor)
        stopping = Latch(reactor)
    }

    var isStopping: Bool { stopping.isOpen }

    /// Until `stop`, or until the task is cancelled, which closes the connection at once.
    ///
    /// `onOpen` gets every new connection, `onEnd` is told when it has ended.
    func run(onOpen: (RedisConnection) -> Void, onEnd: () -> Void) async {
        var attempt = 0
        while !stopping.isOpen, !Task.isCancelled {
            let started = ContinuousClock.now
            do throws(RedisError) {
                let connection = try await open()
                logger.notice("redis is connected", metadata: ["attempt": "\(attempt + 1)"])
                onOpen(connection)
                _ = await connection.ended.wait()
                connection.close(RedisError(.unavailable, "shutting down"))
                onEnd()
                if .now - started > Self.provenAfter { attempt = 0 }
                if let reason = connection.closedBy { lastFailure = reason }
                if !stopping.isOpen, !Task.isCancelled {
                    logger.warning("redis connection lost", metadata: ["error": "\(lastFailure)"])
                }
            } catch {
                lastFailure = error
                if stopping.isOpen || Task.isCancelled { break }
                // The tenth says that it goes on, the others would fill the log.
                let level: Logger.Level = attempt % 10 == 0 ? .warning : .debug
                logger.log(
                    level: level, "redis cannot be reached",
                    metadata: ["error": "\(error)", "attempt": "\(attempt + 1)"])
            }
            current = nil
            _ = await stopping.wait(until: .now + Self.backoff.delay(attempt: attempt))
            attempt += 1
        }
        stopping.open()
    }

    /// Finishes what is in flight and ends `run`.
    ///
    /// Safe to call twice.
    func stop() {
        stopping.open()
        current?.finish(RedisError(.unavailable, "shutting down"))
    }

    private func open() async throws(RedisError) -> RedisConnection {
        let deadline = ContinuousClock.now + configuration.connectTimeout
        let connection = try RedisConnection(reactor: reactor, metrics: metrics)
        current = connection
        do throws(RedisError) {
            try await connection.connect(configuration, tls: try context(), resolver: resolver, until: deadline)
            serverRunID = try await connection.logIn(configuration, until: deadline)
        } catch {
            connection.close(error)
            throw error
        }
        if let closedBy = connection.closedBy { throw closedBy }
        connection.becomeUsable()
        return connection
    }

    private func context() throws(RedisError) -> TLSContext? {
        guard configuration.usesTLS, configuration.socketPath == nil else { return nil }
        if tls == nil {
            do throws(TransportError) { tls = try TLSContext(caFile: configuration.caFile) } catch {
                throw RedisError(.unavailable, error.description)
            }
        }
        return tls
    }
}
