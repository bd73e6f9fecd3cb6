/// The limits of the queue's protocol.
package struct QueueLimits: Hashable, Sendable {
    /// How long a worker owns a sender without renewing.
    package var lease: Duration = .seconds(20)
    package var messagesPerClaim = 4
    package var sendersPerClaim = 16
    package var drainedPerCall = 64
    /// A MessageSid is remembered for one to two windows.
    package var dedupWindow: Duration = .seconds(600)
    /// More than this many deliveries and the head goes to the dead list.
    package var deliveries = 8
    /// How long an idle conversation's state is kept (`REDIS_CACHE_TTL_SECONDS`).
    package var stateTTL: Duration = .seconds(86_400)

    /// Messages a sender may send in a minute, all at once or spread out.
    package var allowancePerMinute = 60
    /// A sender of whom so many messages wait is refused more.
    package var waitingPerSender = 500
    /// A shard in which so many messages wait takes no more.
    package var waiting = 200_000

    /// Above this many waiting messages it shows in a metric.
    package var softWaiting: Int { waiting / 2 }

    package init() {}
}
