/// What the queue says to a message.
package enum QueueAcceptance: Hashable, Sendable {
    /// It is on the queue, one of `waiting` in its shard.
    ///
    /// `withoutFunction` says why it was pushed without asking whether there is room: Redis could not run the function.
    case accepted(waiting: Int, withoutFunction: RedisError? = nil)
    /// Its sender sends too much; the next one is taken after `retryAfter`.
    case throttled(Limit, retryAfter: Duration)
    /// Too many messages wait in its shard.
    case full

    package enum Limit: Hashable, Sendable {
        /// More than so many messages a minute.
        case allowance
        /// Too many of the sender's messages wait already.
        case waitingPerSender
    }

    /// What `wa_accept` answers of a sender of whom too much waits: SENDER_FULL.
    private static let senderIsFull = -1_000_000_000
    /// Until then a worker should have got to some of it.
    private static let senderIsFullFor = Duration.seconds(30)

    /// Reads the answer of `wa_accept`: the number that waits, 0, or minus milliseconds.
    init(_ answer: Int) {
        self =
            switch answer {
            case 1...: .accepted(waiting: answer)
            case 0: .full
            case Self.senderIsFull: .throttled(.waitingPerSender, retryAfter: Self.senderIsFullFor)
            case _: .throttled(.allowance, retryAfter: .milliseconds(-answer))
            }
    }
}

extension RedisError {
    /// Whether Redis has no memory left for what was to be stored.
    ///
    /// A script that runs into it ends with an error of its own that quotes Redis' words.
    package var isOutOfMemory: Bool { serverPrefix == "OOM" || description.contains("OOM command not allowed") }
}
