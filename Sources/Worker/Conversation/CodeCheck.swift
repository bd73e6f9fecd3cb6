extension Conversation {
    /// What a message is when read as an answer to the challenge; the worker finds out before `reduce`.
    package enum CodeCheck: Hashable, Sendable {
        /// `codeCandidate(in:)` found no six digits.
        case noCode
        /// Six digits, but no code was sent, or the last one has been used.
        case noChallenge
        /// The code that was sent is older than its lifetime.
        case expired
        /// The code that was sent has been tried too often.
        case burned
        /// Not the code that was sent; zero left means that this try burned it.
        case wrong(attemptsLeft: Int)
        /// Not the code that was sent, and one failure too many in a row: the number is locked from now on.
        case wrongAndLocked(minutes: Int)
        /// The code that was sent.
        case correct
    }

    /// Whether a code may be sent now, under the limits per number.
    package enum CodeAllowance: Hashable, Sendable {
        case allowed
        /// Too many in a short time: the next one after so many minutes, at least one.
        case wait(minutes: Int)
        /// Too many today.
        case dailyLimit
        /// Too many wrong codes in a row: nothing is sent *or checked* for so many minutes, at least one.
        case locked(minutes: Int)
    }
}
