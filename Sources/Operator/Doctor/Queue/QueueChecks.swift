import Common

/// How much waits, and for how long.
struct QueueDepthCheck: DoctorCheck {
    static let name = "waiting"
    let waiting: Int
    /// Of the fullest shard.
    let fullest: Int
    let oldest: Duration?
    let isPaused: Bool
    /// A shard takes no more than so many.
    let limit: Int

    static let slow = Duration.seconds(60)
    static let stuck = Duration.seconds(300)

    var findings: [Finding] {
        var found: [Finding] = []
        if let oldest, oldest > Self.slow, !isPaused {
            let text = "the oldest of \(waiting) messages waits since \(Output.age(oldest))"
            let mend =
                "operator queue stats --watch 2 shows where things wait; docs/runbook.md: “the oldest message is older than 60 s”"
            found.append(oldest > Self.stuck ? .problem(text, mend: mend) : .warning(text, mend: mend))
        }
        if fullest >= limit * 9 / 10 {
            found.append(
                .problem(
                    "a shard holds \(fullest) messages and takes \(limit) at most: webhooks get 503",
                    mend: "start workers, or resume the queue"))
        } else if fullest >= limit / 2 {
            found.append(
                .warning(
                    "a shard holds \(fullest) messages and takes \(limit) at most",
                    mend: "start workers, or resume the queue"))
        }
        return found.orOK(waiting == 0 ? "nothing waits" : "\(waiting) messages, none for long")
    }
}

/// Whether somebody stopped the queue.
struct QueuePauseCheck: DoctorCheck {
    static let name = "paused"
    let paused: [Int]
    let shards: Int

    var findings: [Finding] {
        guard !paused.isEmpty else { return [.ok("no")] }
        let which = paused.count == shards ? "the queue is" : "\(paused.count) of \(shards) shards are"
        return [
            .warning(
                "\(which) paused: messages are accepted, none is begun", mend: "operator queue resume, when it is time")
        ]
    }
}

/// Whether messages were given up on that nobody has dealt with.
struct DeadLettersCheck: DoctorCheck {
    static let name = "dead letters"
    let count: Int

    var findings: [Finding] {
        guard count > 0 else { return [.ok("none")] }
        return [
            .warning(
                "\(count) messages were given up on",
                mend:
                    "operator dead list shows them; mend the cause, then operator dead replay, or operator dead discard"
            )
        ]
    }
}

/// Whether workers are alive: something moves, or they wait for something to do.
struct WorkersCheck: DoctorCheck {
    static let name = "workers"
    let waiting: Int
    let leased: Int
    /// Messages were finished, or leases renewed, while we looked.
    let isMoving: Bool
    /// Connections that wait for messages; nil when Redis does not say.
    let idle: Int?
    let isPaused: Bool

    var findings: [Finding] {
        if isMoving { return [.ok("at work")] }
        if let idle, idle > 0, waiting == 0 || isPaused { return [.ok("\(idle) wait for messages")] }
        if waiting > 0, leased > 0 {
            return [
                .warning(
                    "workers have \(leased) senders, and neither finish anything nor renew their leases",
                    mend:
                        "look at their logs: they may hang on Twilio or Postgres, or have died; leases end by themselves after QUEUE_LEASE_SECONDS"
                )
            ]
        }
        if isPaused { return [.ok("nothing to do while the queue is paused")] }
        if waiting > 0 {
            return [
                .problem(
                    "\(waiting) messages wait, and no worker takes them",
                    mend:
                        "start workers; if they run: the same REDIS_URL and QUEUE_SHARDS? Twilio away (their log says so)? operator queue repair --dry-run"
                )
            ]
        }
        if idle == 0 {
            return [
                .warning(
                    "no worker waits for messages", mend: "start one; /ready of a running one says what it waits for")
            ]
        }
        return [.ok("nothing waits, and Redis does not say who is connected")]
    }
}
