import ArgumentParser

struct Queue: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks into the queue, stops it, starts it, and mends it.",
        discussion: """
            Needs Redis only, so that it can be looked at while the database is down.

            EXAMPLES
              operator queue stats
              operator queue peek --list ready

            ENVIRONMENT
              REDIS_URL, QUEUE_SHARDS, QUEUE_LEASE_SECONDS

            SEE ALSO
              docs/queue-protocol.md tells what the lists are.
            """,
        subcommands: [QueueStatsCommand.self, QueuePeek.self, QueuePause.self, QueueResume.self, QueueRepair.self])
}
