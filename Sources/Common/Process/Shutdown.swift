@preconcurrency import Dispatch
import Glibc
import Logging

/// The end of a process: asked for by SIGTERM or SIGINT, or begun by a failure, and bounded in any case.
///
/// The first signal asks for a graceful stop, the second ends the process at once. Signals and the time limit are
/// seen to on a thread of Dispatch's, so that they count even if the reactor is stuck or a service ignores its
/// cancellation.
final class Shutdown: Sendable {
    private struct Progress {
        var hasBegun = false
        /// The service that was told to stop last; those before it have stopped.
        var current: String?
        var hasNamedTheCulprit = false
    }

    /// Time for cancelled services to return, after the grace period.
    private static let patience = Duration.seconds(2)

    /// Yields once, at the first signal.
    let requests: AsyncStream<Void>
    private let request: AsyncStream<Void>.Continuation
    private let queue: DispatchQueue
    private let signalsReceived = Locked(0)
    private let progress = Locked(Progress())
    private let context: ProcessContext
    /// For what is pushed after the last service has stopped.
    private let flush: Duration
    private let sources: [any DispatchSourceSignal]

    init(_ context: ProcessContext, flush: Duration) {
        self.context = context
        self.flush = flush
        let queue = DispatchQueue(label: "shutdown")
        self.queue = queue
        (requests, request) = AsyncStream.makeStream()
        sources = [SIGTERM, SIGINT].map { DispatchSource.makeSignalSource(signal: $0, queue: queue) }
        for (signal, source) in zip([SIGTERM, SIGINT], sources) {
            source.setEventHandler { [self] in handle(signal, times: Int(clamping: source.data)) }
            source.resume()
        }
    }

    /// Makes the process unready and starts the clock that ends it if nothing else does.
    ///
    /// Safe to call twice.
    func begin() {
        context.readiness.beginShutdown()
        let isFirst = progress.withLock { progress in
            defer { progress.hasBegun = true }
            return !progress.hasBegun
        }
        guard isFirst else { return }
        let limit = context.settings.shutdownGrace + Self.patience + flush
        queue.asyncAfter(deadline: .now() + limit.inSeconds) { [progress, logger = context.logger] in
            let name = progress.withLock { $0.current } ?? "none"
            logger.error("service ignores its cancellation: ending at once", metadata: ["service_name": "\(name)"])
            _exit(1)
        }
    }

    /// Notes that the service called `name` was told to stop; they are told one after another.
    func isStopping(_ name: String) { progress.withLock { $0.current = name } }

    /// Logs the service that took longer than the grace period; the others are only cancelled with it.
    func wasCancelled(_ name: String) {
        let isCulprit = progress.withLock { progress in
            guard progress.current == name, !progress.hasNamedTheCulprit else { return false }
            progress.hasNamedTheCulprit = true
            return true
        }
        if isCulprit { context.logger.error("service was cut off", metadata: ["service_name": "\(name)"]) }
    }

    private func handle(_ signal: Int32, times: Int) {
        let name = signal == SIGTERM ? "SIGTERM" : "SIGINT"
        let count = signalsReceived.withLock { received in
            received += max(1, times)
            return received
        }
        if count > 1 {
            context.logger.warning("second signal: ending at once", metadata: ["signal": "\(name)"])
            _exit(128 + signal)
        }
        begin()
        let grace = Int(context.settings.shutdownGrace.components.seconds)
        context.logger.notice(
            "stopping", metadata: ["signal": "\(name)", "grace_seconds": .stringConvertible(grace)])
        request.yield()
        request.finish()
    }
}
