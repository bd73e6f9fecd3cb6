import ArgumentParser
import Common

/// The root: `operator COMMAND …`.
struct OperatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Looks after the WhatsApp handler: its database, its queue, its messages, its events.",
        discussion: """
            Reads the same environment as the processes: DATABASE_URL (or PGHOST, PGPORT, PGUSER, PGPASSWORD, \
            PGDATABASE, PGSSLMODE), DATABASE_SCHEMA, REDIS_URL, QUEUE_SHARDS and so on; secrets also from a file that NAME_FILE names.

            Results are printed on standard output, as text or, with --json, as JSON; what happens meanwhile on \
            standard error.

            EXIT STATUS
              0  done
              1  failed, or found what --check looks for
              2  wrong arguments or environment
            """,
        version: Build.version,
        subcommands: [
            Migrate.self, Queue.self, Dead.self, Replay.self, BackfillCommand.self, ConversationCommand.self,
            Outbox.self, User.self,
        ])
}
