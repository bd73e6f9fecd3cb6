import Common

/// Keeps quiet after a failure, longer with each one that follows, until something succeeded.
struct FailurePause: Sendable {
    private let backoff: Backoff
    private var failures = 0
    private(set) var end: ContinuousClock.Instant?

    init(_ backoff: Backoff) { self.backoff = backoff }

    func isOver(at now: ContinuousClock.Instant = .now) -> Bool { end.map { now >= $0 } ?? true }

    /// Notes a failure; gives back how long the pause is.
    mutating func failed(at now: ContinuousClock.Instant = .now) -> Duration {
        let pause = backoff.delay(attempt: failures)
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
