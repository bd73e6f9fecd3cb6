import Logging

/// Keeps one connection open: connects, logs in, hands it over, and replaces it when it ends.
///
/// It belongs to the reactor's thread.
final class RedisConnector {
    /// A second at the most: everything waits for Redis, and one attempt a second does it no harm.
    private static let backoff = Backoff(base: .milliseconds(50), cap: .seconds(1))
    /// A connection that lasted this long starts the waits anew.
    private static let provenAfter: Duration = .seconds(5)

    /// Where the next attempt goes: there may be several servers that serve alike.
    private let place: (_ attempt: Int) -> RedisConfiguration
    private let dialer: RedisDialer
    private let logger: Logger
    private let stopping: Latch
    private var current: RedisConnection?
    private(set) var serverRunID: String?
    private(set) var lastFailure = RedisError(.unavailable, "not connected yet")

    init(dialer: RedisDialer, logger: Logger, place: @escaping (_ attempt: Int) -> RedisConfiguration) {
        self.place = place
        self.dialer = dialer
        self.logger = logger
        stopping = Latch(dialer.reactor)
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
                let (connection, runID) = try await dialer.open(place(attempt)) { current = $0 }
                serverRunID = runID
                logger.notice("redis is connected", metadata: ["attempt": "\(attempt + 1)"])
                onOpen(connection)
                _ = await connection.ended.wait()
                connection.close(RedisError(.unavailable, "shutting down"))
                if let reason = connection.closedBy { lastFailure = reason }
                onEnd()
                if .now - started > Self.provenAfter { attempt = 0 }
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
}
