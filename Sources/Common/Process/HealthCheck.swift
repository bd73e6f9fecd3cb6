import NIOCore

/// One dependency's question "do you answer?", asked once at a time however many want to know.
///
/// Whoever asks while it is being asked shares the answer; nobody waits longer than the limit.
final class HealthCheck: Sendable {
    enum Outcome: Sendable {
        case healthy(after: Duration)
        case failed
        case silent
    }

    /// How long an answer is waited for.
    static let limit = Duration.seconds(1)

    private struct State {
        var waiting: [Int: EventLoopPromise<Outcome>] = [:]
        var lastID = 0
        var isRunning = false
    }

    let name: String
    private let check: @Sendable () async -> Bool
    private let state = Locked(State())

    init(name: String, check: @escaping @Sendable () async -> Bool) {
        self.name = name
        self.check = check
    }

    /// The outcome, on the request's event loop; the check runs where the server's own tasks run.
    func outcome(for request: HTTPServerRequest) -> EventLoopFuture<Outcome> {
        let promise = request.eventLoop.makePromise(of: Outcome.self)
        let (id, mustStart) = state.withLock { state in
            state.lastID += 1
            state.waiting[state.lastID] = promise
            defer { state.isRunning = true }
            return (state.lastID, !state.isRunning)
        }
        let timeout = request.eventLoop.scheduleTask(in: TimeAmount(Self.limit)) { [self] in
            state.withLock { $0.waiting.removeValue(forKey: id) }?.succeed(.silent)
        }
        promise.futureResult.whenComplete { _ in timeout.cancel() }
        if mustStart, !request.tasks.start({ [self] in await ask() }) { finish(.failed) }
        return promise.futureResult
    }

    private func ask() async {
        let start = ContinuousClock.now
        let isHealthy = await check()
        finish(isHealthy ? .healthy(after: .now - start) : .failed)
    }

    private func finish(_ outcome: Outcome) {
        let waiting = state.withLock { state in
            defer { state = State(lastID: state.lastID) }
            return state.waiting
        }
        for promise in waiting.values { promise.succeed(outcome) }
    }
}
