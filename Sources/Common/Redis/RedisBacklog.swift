import DequeModule

/// Commands that wait for a connection, each until its deadline; none of them has been sent.
final class RedisBacklog {
    private let reactor: Reactor
    private var waiting: Deque<RedisPending> = []
    private(set) var bytes = 0
    private lazy var timer = DeadlineTimer(reactor) { [unowned self] now in self.expire(at: now) }

    init(reactor: Reactor) { self.reactor = reactor }

    var count: Int { waiting.count }

    func append(_ pending: RedisPending) {
        waiting.append(pending)
        bytes += pending.command.encoded.count
        timer.cover(pending.deadline)
    }

    func takeAll() -> Deque<RedisPending> {
        timer.cancel()
        defer {
            waiting = []
            bytes = 0
        }
        return waiting
    }

    func failAll(_ reason: RedisError) {
        for pending in takeAll() { pending.complete(.failure(RedisError(.unavailable, reason.description))) }
    }

    private func expire(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let all = takeAll()
        for pending in all where pending.deadline > now { append(pending) }
        for pending in all where pending.deadline <= now {
            pending.complete(.failure(RedisError(.unavailable, "no connection in time")))
        }
        return nil  // `append` has covered what is left
    }
}
