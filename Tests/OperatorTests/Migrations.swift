import Glibc
import TestSupport

/// The migrations of this package.
func ourMigrations() throws -> String {
    var folder = try builtProgram("operator")[...]
    while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        if access(folder + "/migrations", R_OK) == 0 { return folder + "/migrations" }
    }
    throw HarnessError("no migrations above the built programs")
}

/// Writes a file of SQL, or of anything else.
func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw HarnessError("cannot write \(path)") }
    defer { fclose(file) }
    fputs(text, file)
}

extension PostgresServer {
    /// All that a database holds, for comparison: relations, columns, constraints, indexes, functions, types, schemas.
    func catalogue(_ database: String) async throws -> String {
        try await psql(
            """
            SELECT 'schema', nspname, '', '' FROM pg_namespace
            UNION ALL SELECT 'relation', relnamespace::regnamespace::text, relname, relkind::text FROM pg_class
            UNION ALL SELECT 'column', attrelid::regclass::text, attname, atttypid::regtype::text FROM pg_attribute
                WHERE attrelid >= 16384 AND NOT attisdropped
            UNION ALL SELECT 'constraint', connamespace::regnamespace::text, conname, pg_get_constraintdef(oid)
                FROM pg_constraint
            UNION ALL SELECT 'function', pronamespace::regnamespace::text, proname, md5(prosrc) FROM pg_proc
            UNION ALL SELECT 'type', typnamespace::regnamespace::text, typname, '' FROM pg_type
            UNION ALL SELECT 'extension', extname, extversion, '' FROM pg_extension
            UNION ALL SELECT 'description', classoid::regclass::text, objoid::text, description FROM pg_description
                WHERE objoid >= 16384
            ORDER BY 1, 2, 3, 4
            """, database: database)
    }
}
