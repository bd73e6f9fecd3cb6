import Common

/// When to look for evidence of a reply that may have been sent, and when to stop looking: a pure decision.
///
/// With the default window of 150 s the provider's list is asked at 20, 60, 120 and 150 s after the attempt.
struct EvidenceSchedule: Sendable {
    /// `REPLY_UNKNOWN_SECONDS`.
    var window: Duration

    /// What to do next about an attempt without an answer.
    enum Step: Hashable, Sendable {
        /// It is too early: Twilio's list may lag behind.
        case wait(Duration)
        /// Ask the list; without evidence come back after this long, or give up looking when nil.
        case look(thenWait: Duration?)
    }

    /// How long after an attempt the list is asked for the first time.
    var firstLook: Duration { lookups[0] }

    private var lookups: [Duration] { [window * 2 / 15, window * 6 / 15, window * 12 / 15, window] }

    func step(attemptedAt: Timestamp, now: Timestamp) -> Step {
        let elapsed = now - attemptedAt
        guard elapsed >= firstLook else { return .wait(firstLook - elapsed) }
        guard let next = lookups.first(where: { $0 > elapsed }) else { return .look(thenWait: nil) }
        return .look(thenWait: next - elapsed)
    }
}
