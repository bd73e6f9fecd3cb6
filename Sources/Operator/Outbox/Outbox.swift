import ArgumentParser

struct Outbox: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The log of events and the sinks it goes to: how far each is, and what to do when one is not.",
        discussion: """
            What happens to a user or a claim is written to the log (outbox_events) in the transaction that makes it \
            so. The relay brings the log to each of its sinks (RELAY_SINKS), in 64 shards by ordering key, which is the \
            user's id: what concerns one person stays in order. A sink's position in a shard is its cursor. An event \
            that a sink refuses by itself is parked, with what follows for the same key, and tried again for days \
            before it is dead; everything else goes on.

            Look with stats, list and verify: they change nothing and can run at any time.

            EXAMPLES
              operator outbox stats
              operator outbox list --sink webhook --state dead

            ENVIRONMENT
              DATABASE_URL or PGHOST and what belongs to it, DATABASE_SCHEMA; verify, rewind and accept-restore also \
            REDIS_URL and RELAY_REDIS_STREAM

            SEE ALSO
              docs/relay.md tells how it works.
            """,
        subcommands: [
            OutboxStats.self, OutboxList.self, OutboxVerify.self, OutboxRetry.self, OutboxDiscard.self,
            OutboxReplay.self, OutboxRewind.self, OutboxAcceptRestore.self, OutboxForget.self, OutboxEnable.self,
        ])
}
