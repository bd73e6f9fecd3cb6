import Common

/// Keeps quiet after a failure, longer with each one that follows, until something succeeded: a breaker, as a value.
struct FailurePause: Sendable {
    /// How matters stand; the value of `whatsapp_outbox_breaker_state`.
    enum State: Int, Hashable, Sendable, CaseIterable {
        /// Nothing is wrong.
        case closed = 0
        /// The pause is over: one event is tried.
        case halfOpen
        /// Nothing is tried.
        case open
    }

    /// A server that asks for more patience is asked again after this.
    static let longestWanted: Duration = .seconds(300)

    private let backoff: Backoff
    private var failures = 0
    private(set) var end: ContinuousClock.Instant?

    init(_ backoff: Backoff) { self.backoff = backoff }

    func state(at now: ContinuousClock.Instant = .now) -> State {
        guard let end else { return .closed }
        return now < end ? .open : .halfOpen
    }

    func isOver(at now: ContinuousClock.Instant = .now) -> Bool { state(at: now) != .open }

    /// Notes a failure; gives back how long the pause is, `wanted` at least unless that is unreasonable.
    mutating func failed(at now: ContinuousClock.Instant = .now, wanted: Duration = .zero) -> Duration {
        let pause = max(backoff.delay(attempt: failures), min(wanted, Self.longestWanted))
        failures += 1
        end = now + pause
        return pause
    }

    /// Notes a success; gives back whether it is the first one after a failure.
    mutating func succeeded() -> Bool {
        defer {
            failures = 0
            end = nil
        }
        return failures > 0
    }
}
