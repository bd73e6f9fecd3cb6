import ArgumentParser

struct Dead: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Messages that were given up on: what they are, and what becomes of them.",
        discussion: """
            A message that fails eight times, or that nobody can read, goes to the dead list; its conversation goes on \
            without it. The table dead_letters keeps every one of them; the commands first copy what Redis has and the \
            table has not.

            EXAMPLES
              operator dead list --since 2h
              operator dead replay --reason deliveries --dry-run

            ENVIRONMENT
              DATABASE_URL or PGHOST and what belongs to it, DATABASE_SCHEMA, REDIS_URL, QUEUE_SHARDS

            SEE ALSO
              operator replay takes what was stored and never processed, too.
            """,
        subcommands: [DeadList.self, DeadShow.self, DeadReplay.self, DeadDiscard.self])
}
