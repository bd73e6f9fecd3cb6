/// One handler of a worker: what it holds, and how far it is.
package struct Worker: Hashable, Sendable {
    package enum Phase: UInt8, Hashable, Sendable {
        case idle
        /// Has the claim, and reads next.
        case claimed
        /// Has read, and commits next.
        case read
        /// Has committed, and sends next.
        case committed
        /// Settles next.
        case finished
    }

    package var phase = Phase.idle
    package var sender = 0
    package var fence = 0
    package var messages = Line()
    package var done = 0
    /// The conversation state it goes on from; 0 when Redis had none.
    package var state = 0
    /// Whether the message was handled before, as far as was read.
    package var isPast = false
    /// The state of the latest outcome, as it was read.
    package var lastState = 0
    /// What was known of the reply when it was last read.
    package var attempts = 0
    package var isSent = false
    package var next = Keys.Settlement.Next.ready

    package init() {}

    package init(_ claim: Keys.Claim) {
        phase = .claimed
        sender = claim.sender
        fence = claim.fence
        messages = claim.messages
        state = claim.state
    }

    package var message: Int { messages[done] }
    package var isHolding: Bool { phase != .idle }

    package var settlement: Keys.Settlement {
        Keys.Settlement(
            sender: sender, fence: fence, done: done, next: next, state: done > 0 ? state : 0)
    }

    /// One message is done; what was read for it is forgotten.
    package mutating func advance() {
        done += 1
        phase = done == messages.count ? .finished : .claimed
        (isPast, lastState, attempts, isSent) = (false, 0, 0, false)
    }

    package mutating func finish(_ next: Keys.Settlement.Next) {
        phase = .finished
        self.next = next
        (isPast, lastState, attempts, isSent) = (false, 0, 0, false)
    }

    /// All of it in one word, for the search.
    var word: UInt64 {
        var word = UInt64(phase.rawValue) | UInt64(sender) << 4 | UInt64(fence) << 8 | UInt64(done) << 16
        word |= UInt64(state) << 20 | UInt64(isPast ? 1 : 0) << 24 | UInt64(lastState) << 25
        word |=
            UInt64(attempts) << 28 | (isSent ? 1 << 31 : 0) | UInt64(next.rawValue) << 32 | UInt64(messages.count) << 36
        return word | messages.word << 40
    }
}
