import ArgumentParser
import Common

/// The root: `operator COMMAND …`.
struct OperatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Looks after the WhatsApp handler: its database, its queue, its messages, its events.",
        discussion: """
            Results are printed on standard output, as text or, with --json, as JSON on one line; what happens \
            meanwhile on standard error. Nothing that cannot be undone is done without --yes; --dry-run says what would \
            be. Phone numbers are masked, and what people wrote is left out, unless --reveal or --show-body ask for it.

            Begin with operator doctor: it looks at everything and says how to mend what is wrong.

            ENVIRONMENT
              The same variables as the processes have; .env.example describes them all.
              DATABASE_URL      the database, or PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE
              DATABASE_SCHEMA   the schema of all tables (whatsapp_handler)
              REDIS_URL         the queue's Redis, or any node of its cluster
              QUEUE_SHARDS      how many parts the queue has (1)
              MIGRATIONS_DIR    the folder of migrations
              TWILIO_…, PUBLIC_BASE_URL   for backfill and doctor
              Secrets may also come from a file that NAME_FILE names.

            EXIT STATUS
              0  done
              1  failed, found what it looks for (--check, verify, doctor), or a wrong environment
              2  wrong arguments

            EXAMPLES
              operator doctor
              operator queue stats --watch 2
              operator conversation show +447700900123
              operator dead list --since 2h

            SEE ALSO
              docs/operator.md has every command by task, docs/runbook.md goes by symptom.
              operator --generate-completion-script bash prints completions (zsh, fish).
            """,
        version: Build.version,
        subcommands: [
            Migrate.self, Queue.self, Dead.self, Replay.self, BackfillCommand.self, ConversationCommand.self,
            Outbox.self, User.self, DoctorCommand.self, Serve.self,
        ])
}
