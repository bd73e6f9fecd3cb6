/// `schema_migrations`, in the schema that it tells of.
enum MigrationTable {
    /// What a schema made here carries, so that `drop` knows it from one that was given to us.
    private static let mark = "Made by operator migrate."

    static func insert(_ migration: Migration) -> SQL {
        """
        INSERT INTO schema_migrations (version, name, checksum)
        VALUES (\(migration.version), \(migration.name), \(migration.up.checksum))
        """
    }

    static func delete(_ migration: Migration) -> SQL {
        "DELETE FROM schema_migrations WHERE version = \(migration.version)"
    }

    /// What was applied; nothing when there is no such table.
    static func read(_ session: PostgresSession) async throws(MigrationError) -> [MigrationHistory.Applied] {
        do {
            guard try await exists(session) else { return [] }
            let rows = try await session.query(
                "SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version"
            ).rows
            var applied: [MigrationHistory.Applied] = []
            for row in rows {
                applied.append(
                    .init(
                        version: try row.column(0), name: try row.column(1), checksum: try row.column(2),
                        appliedAt: try row.column(3)))
            }
            return applied
        } catch { throw .database(error) }
    }

    private static func exists(_ session: PostgresSession) async throws(PostgresError) -> Bool {
        let found = try await session.query(
            "SELECT to_regclass(quote_ident(current_schema()) || '.schema_migrations') IS NOT NULL")
        return try found.rows.first?.column(0, as: Bool?.self) ?? false
    }

    /// Makes the schema and the table where they are missing.
    ///
    /// An existing schema is not asked for again: that alone takes a privilege on the database.
    static func create(_ session: PostgresSession, _ schema: String) async throws(MigrationError) {
        do {
            let found = try await session.query("SELECT to_regnamespace(\(schema)) IS NOT NULL")
            if try found.rows.first?.column(0, as: Bool.self) != true {
                let comment = "COMMENT ON SCHEMA \"\(schema)\" IS '\(mark)'"
                try await session.run(script: "CREATE SCHEMA \"\(schema)\"; \(comment)", within: .seconds(30))
            }
            guard try await !exists(session) else { return }
            _ = try await session.query(
                """
                CREATE TABLE schema_migrations (
                    version    integer     NOT NULL CONSTRAINT schema_migrations_pkey PRIMARY KEY,
                    name       text        NOT NULL,
                    checksum   text        NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now(),
                    applied_by text        NOT NULL DEFAULT current_user
                )
                """)
        } catch { throw .database(error) }
    }

    /// Takes the table away, and the schema if `create` made it and nothing else is in it.
    static func drop(_ session: PostgresSession, _ schema: String) async throws(MigrationError) {
        do {
            _ = try await session.query("DROP TABLE IF EXISTS schema_migrations")
            let ours = try await session.query(
                "SELECT 1 FROM pg_namespace WHERE nspname = \(schema) AND obj_description(oid, 'pg_namespace') = \(mark)"
            )
            if !ours.rows.isEmpty { _ = try await session.query("DROP SCHEMA \(identifier: schema)") }
        } catch {
            if error.sqlState == "2BP01" { return }  // Somebody else keeps things in it.
            throw .database(error)
        }
    }
}
