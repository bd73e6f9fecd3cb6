/// A sender leased to this worker, with the messages that wait at the head of its list.
package struct QueueClaim: Sendable {
    package var shard: Int
    package var sender: String
    /// Higher than any fence of this sender before; what Postgres and the settle check.
    package var fence: Int64
    /// How often the head has been handed out, this time included.
    package var deliveries: Int
    /// The conversation state stored with the last settle; nil when Redis has none.
    package var state: [UInt8]?
    /// Envelopes, oldest first.
    package var messages: [[UInt8]]
}

/// What became of a claim.
package struct QueueSettlement: Hashable, Sendable {
    /// What the sender does next.
    package enum Next: Hashable, Sendable {
        /// Takes its turn behind the others.
        case ready
        /// A message failed: runs again after a pause; the delivery counts.
        case retry(after: Duration)
        /// An outage, or a reply whose fate is not known yet: runs again after a pause; the delivery does not count.
        case park(after: Duration)
        /// Shutdown: keeps its turn; the delivery does not count.
        case release
    }

    package var shard: Int
    package var sender: String
    package var fence: Int64
    /// How many messages leave the head of the list.
    package var done: Int
    package var next: Next
    /// The conversation state they led to; nil leaves the stored one.
    package var state: [UInt8]?

    package init(_ claim: QueueClaim, done: Int, next: Next, state: [UInt8]?) {
        shard = claim.shard
        sender = claim.sender
        fence = claim.fence
        self.done = done
        self.next = next
        self.state = state
    }

    /// The six arguments of `wa_settle_claim`.
    var arguments: [RedisArgument] {
        let delay: Int
        let givesBack: Bool
        switch next {
        case .ready: (delay, givesBack) = (0, false)
        case .retry(let pause): (delay, givesBack) = (max(1, Int(pause.wholeMilliseconds)), false)
        case .park(let pause): (delay, givesBack) = (max(1, Int(pause.wholeMilliseconds)), true)
        case .release: (delay, givesBack) = (0, true)
        }
        return [
            .init(sender), .init(Int(fence)), .init(done), .init(delay), .init(givesBack ? 1 : 0), .init(state ?? []),
        ]
    }
}
