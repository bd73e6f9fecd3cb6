import CLibpq
import Logging

/// One attempt to connect, step by step as the socket becomes ready, so that nothing waits in libpq.
///
/// Belongs to the reactor's thread. Keeps itself alive until it has called `completion`, once.
final class PostgresHandshake {
    private let reactor: Reactor
    private var handle: PostgresHandle?
    private var watched: Int32?
    private var timer: TimerID?
    private var completion: ((Result<PostgresHandle, PostgresError>) -> Void)?

    init(reactor: Reactor) { self.reactor = reactor }

    /// Connects to one of `addresses`, tried in order; without any, to the Unix socket that the configuration names.
    func start(
        _ configuration: PostgresConfiguration, addresses: [String], logger: Logger,
        _ completion: @escaping (Result<PostgresHandle, PostgresError>) -> Void
    ) {
        self.completion = completion
        let parameters = configuration.parameters(addresses: addresses)
        let pointer = withCStrings(parameters.map(\.keyword)) { keywords in
            withCStrings(parameters.map(\.value)) { values in PQconnectStartParams(keywords, values, 0) }
        }
        guard let pointer else { return finish(.failure(PostgresError(.unavailable, "libpq is out of memory"))) }
        handle = PostgresHandle(pointer, logger: logger)
        guard PQstatus(pointer) != CONNECTION_BAD else {
            return finish(.failure(PostgresError(.unavailable, pointer)))
        }
        let limit = configuration.connectTimeout
        timer = reactor.after(limit) {
            self.finish(.failure(PostgresError(.unavailable, "no answer from the database within \(limit)")))
        }
        watch(.write)  // libpq's documentation: as if the last poll had said so.
    }

    /// Gives up; `completion` is told, unless it was before.
    func cancel() { finish(.failure(PostgresError(.unavailable, "connecting was cancelled"))) }

    private func watch(_ interest: Reactor.Interest) {
        guard let handle else { return }
        let descriptor = PQsocket(handle.pointer)
        guard descriptor >= 0 else { return finish(.failure(PostgresError(.unavailable, handle.pointer))) }
        watched = descriptor
        reactor.watch(descriptor, interest) { _ in self.step() }
    }

    /// libpq may close its socket and open another in here (next address, TLS refused): it is not watched meanwhile.
    private func step() {
        guard let handle else { return }
        unwatch()
        switch PQconnectPoll(handle.pointer) {
        case PGRES_POLLING_READING: watch(.read)
        case PGRES_POLLING_WRITING: watch(.write)
        case PGRES_POLLING_OK: finish(.success(handle))
        case _: finish(.failure(PostgresError(.unavailable, handle.pointer)))
        }
    }

    private func unwatch() {
        if let watched { reactor.unwatch(watched) }
        watched = nil
    }

    private func finish(_ result: Result<PostgresHandle, PostgresError>) {
        unwatch()
        if let timer { reactor.cancel(timer) }
        timer = nil
        handle = nil
        guard let completion else { return }
        self.completion = nil
        completion(result)
    }
}
