/// A command on its way through a cluster, and who waits for its reply.
struct RedisErrand: Sendable {
    /// More redirections than this mean that the nodes do not agree.
    static let maximumRedirections = 5

    /// Where it goes next.
    enum Target: Sendable {
        case slot(Int)
        case anyMaster
        case allMasters
        /// One of all masters.
        case master(RedisAddress)
        /// The node that an ASK named, with ASKING before it.
        case asking(RedisAddress)
    }

    /// What it waits for.
    enum Pause: Sendable {
        /// A node that can be reached; until then it is looked for.
        case node
        /// A refusal to be over.
        case until(ContinuousClock.Instant)
    }

    let command: RedisCommand
    /// Where it belongs; the target may differ once.
    let home: Target
    var target: Target
    let started: ContinuousClock.Instant
    let deadline: ContinuousClock.Instant
    let complete: @Sendable (Result<RedisValue, RedisError>) -> Void
    var redirections = 0
    var attempts = 0
    var pause = Pause.node
    /// When to try again, whatever happens.
    var due: ContinuousClock.Instant
    /// Why it has no reply yet; none of the attempts was executed.
    var reason = "no node could be reached in time"

    init(
        _ command: RedisCommand, to target: Target, started: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant, complete: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void
    ) {
        self.command = command
        home = target
        self.target = target
        self.started = started
        self.deadline = deadline
        self.complete = complete
        due = started
    }

    /// The error of a command that ran out of time without having been executed.
    var neverSent: RedisError { RedisError(.unavailable, reason) }
}
