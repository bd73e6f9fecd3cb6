import ArgumentParser

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings the database's schema up to this release, takes it back, or says how it stands.",
        discussion: """
            Migrations are pairs of files, NNNN_name.up.sql and NNNN_name.down.sql. Each runs in one transaction with \
            its entry in schema_migrations, so that a file that fails leaves nothing behind. Runs in the same schema \
            wait for each other: any number may start at once. A file that changed after it was applied is an error.

            DATABASE_URL must lead to the server itself or to a pooler that lends whole sessions.

            EXAMPLES
              operator migrate status
              operator migrate up

            ENVIRONMENT
              DATABASE_URL or PGHOST and what belongs to it, DATABASE_SCHEMA, MIGRATIONS_DIR
            """,
        subcommands: [MigrateUp.self, MigrateDown.self, MigrateStatus.self])
}
