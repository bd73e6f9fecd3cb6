import ArgumentParser

struct User: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What is held about a person, and the erasure of it.",
        discussion: """
            For people who ask what is known of them (Article 15 of the GDPR) or want it deleted (Article 17) by other \
            means than the chat, where DELETE MY DATA does it.

            EXAMPLES
              operator user export +447700900123
              operator user erase +447700900123 --dry-run

            ENVIRONMENT
              DATABASE_URL or PGHOST and what belongs to it, DATABASE_SCHEMA, REDIS_URL, QUEUE_SHARDS

            SEE ALSO
              operator conversation show tells what happened; docs/decisions/0016-erasure.md what is erased.
            """,
        subcommands: [UserExport.self, UserErase.self])
}
