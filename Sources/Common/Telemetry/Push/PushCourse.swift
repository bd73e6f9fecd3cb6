/// How a batch goes on after an attempt to push it, and how the attempts are spread over time.
///
/// A batch is tried ten times, about a minute; the pauses grow with the failures in a row, over batches, so that a
/// server that is down is asked less and less until it answers.
package struct PushCourse: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        case sent
        /// Try the same batch after a pause.
        case again(after: Duration)
        /// Give the batch up, and begin the next one after a pause.
        case giveUp(pause: Duration)
    }

    /// Attempts of one batch.
    package static let attempts = 10
    /// Attempts of a batch in the last flush.
    package static let lastAttempts = 3
    /// A `Retry-After` beyond this is not obeyed: what waits would be dropped meanwhile.
    package static let longestPause = Duration.seconds(60)
    /// One of 0, or a moment that has passed by our clock, must not make ten attempts at once.
    package static let shortestPause = Duration.milliseconds(100)
    private static let backoff = Backoff(base: .milliseconds(500), cap: .seconds(30))

    /// Attempts in a row that failed because the other side could not take it.
    package private(set) var failures = 0
    private var attemptsOfBatch = 0

    package init() {}

    /// Says what comes after an attempt; `isLast` in the last flush before the process ends.
    package mutating func step(
        after outcome: PushOutcome, isLast: Bool = false, using random: inout some RandomNumberGenerator
    ) -> Step {
        attemptsOfBatch += 1
        switch outcome {
        case .accepted:
            self = PushCourse()
            return .sent
        case .refused:
            // It answers, so the next batch may well be taken.
            self = PushCourse()
            return .giveUp(pause: .zero)
        case .unanswered(.invalidRequest), .unanswered(.addressRefused):
            self = PushCourse()
            return .giveUp(pause: .zero)
        case .unanswered(.cancelled):
            return .giveUp(pause: .zero)
        case .busy(_, let asked?):
            return later(min(max(Self.shortestPause, asked), Self.longestPause), isLast)
        case .busy(_, nil), .unanswered:
            return later(Self.backoff.delay(attempt: failures, using: &random), isLast)
        }
    }

    private mutating func later(_ pause: Duration, _ isLast: Bool) -> Step {
        failures += 1
        guard attemptsOfBatch >= (isLast ? Self.lastAttempts : Self.attempts) else { return .again(after: pause) }
        attemptsOfBatch = 0
        return .giveUp(pause: pause)
    }
}
