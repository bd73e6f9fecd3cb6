import Common
import TestSupport
import Testing

@Suite struct MigrateTests {
    @Test func upAndDownLeaveNothingBehindAndUpAgainMakesTheSame() async throws {
        try await withPostgres { server in
            let database = try await server.createDatabase()
            let environment = try ["DATABASE_URL": server.url(database: database), "MIGRATIONS_DIR": ourMigrations()]
            let empty = try await server.catalogue(database)

            let dry = try await OperatorRun(["migrate", "up", "--dry-run"], environment: environment)
            #expect(dry.exitCode == 0)
            #expect(dry.output.contains("would have applied 0001_conversations"))
            #expect(try await server.catalogue(database) == empty)

            let up = try await OperatorRun(["migrate", "up"], environment: environment)
            #expect(up.exitCode == 0, "\(up.error)")
            let full = try await server.catalogue(database)
            #expect(full.contains("users_phone_number_key"))
            #expect(full.contains("relation|whatsapp_handler|inbound_messages|r"))

            let again = try await OperatorRun(["migrate", "up", "--json"], environment: environment)
            #expect(again.output == #"{"schema":"whatsapp_handler","applied":[],"dry_run":false}"# + "\n")
            #expect(try await server.catalogue(database) == full)

            let refused = try await OperatorRun(["migrate", "down", "--to", "0"], environment: environment)
            #expect(refused.exitCode == 2)
            #expect(try await server.catalogue(database) == full)

            let down = try await OperatorRun(["migrate", "down", "--to", "0", "--yes"], environment: environment)
            #expect(down.exitCode == 0, "\(down.error)")
            #expect(try await server.catalogue(database) == empty)

            _ = try await OperatorRun(["migrate", "up"], environment: environment)
            #expect(try await withoutNumbers(server.catalogue(database)) == withoutNumbers(full))
        }
    }

    @Test func oneStepDownAndUpIsTheSameSchema() async throws {
        try await withPostgres { server in
            let environment = try ["DATABASE_URL": server.url(), "MIGRATIONS_DIR": ourMigrations()]
            _ = try await OperatorRun(["migrate", "up"], environment: environment)
            let full = try await withoutNumbers(server.catalogue("postgres"))
            let down = try await OperatorRun(["migrate", "down", "--yes", "--json"], environment: environment)
            #expect(down.exitCode == 0)
            let pending = try await OperatorRun(["migrate", "status", "--check"], environment: environment)
            #expect(pending.exitCode == 1)
            #expect(pending.output.contains("pending"))
            _ = try await OperatorRun(["migrate", "up"], environment: environment)
            #expect(try await withoutNumbers(server.catalogue("postgres")) == full)
            let status = try await OperatorRun(["migrate", "status", "--check"], environment: environment)
            #expect(status.exitCode == 0)
        }
    }

    @Test func tenRunsAtOnceAllSucceed() async throws {
        try await withPostgres { server in
            let environment = try ["DATABASE_URL": server.url(), "MIGRATIONS_DIR": ourMigrations()]
            let runs = try await withThrowingTaskGroup(of: OperatorRun.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await OperatorRun(["migrate", "up", "--json"], environment: environment) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(runs.map(\.exitCode) == Array(repeating: 0, count: 10), "\(runs.map(\.error))")
            #expect(runs.count { $0.output.contains("conversations") } == 1)
        }
    }

    @Test func anotherSchemaIsUsedAloneAndNothingElseIsTouched() async throws {
        try await withPostgres { server in
            try await server.psql(
                "CREATE TABLE public.users (mine text); CREATE SCHEMA neighbour; CREATE TABLE neighbour.claims (mine int)"
            )
            let before = try await server.catalogue("postgres")
            let environment = try [
                "DATABASE_URL": server.url(), "DATABASE_SCHEMA": "other_place", "MIGRATIONS_DIR": ourMigrations(),
            ]
            let up = try await OperatorRun(["migrate", "up"], environment: environment)
            #expect(up.exitCode == 0, "\(up.error)")
            let ours =
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'other_place'::regnamespace AND relkind = 'r'"
            #expect(try await Int(server.psql(ours)) ?? 0 >= 9)
            let outside = try await server.catalogue("postgres").split(separator: "\n").filter {
                !$0.contains("other_place") && !$0.hasPrefix("description|") && !$0.contains("pg_toast")
            }
            let known = Set(before.split(separator: "\n"))
            #expect(outside.filter { !known.contains($0) } == [])
            _ = try await OperatorRun(["migrate", "down", "--to", "0", "--yes"], environment: environment)
            #expect(try await server.catalogue("postgres") == before)
        }
    }

    @Test func aSchemaThatWasThereStays() async throws {
        try await withPostgres { server in
            try await server.psql("CREATE SCHEMA whatsapp_handler")
            let before = try await server.catalogue("postgres")
            let environment = try ["DATABASE_URL": server.url(), "MIGRATIONS_DIR": ourMigrations()]
            _ = try await OperatorRun(["migrate", "up"], environment: environment)
            let down = try await OperatorRun(["migrate", "down", "--steps", "99", "--yes"], environment: environment)
            #expect(down.exitCode == 0, "\(down.error)")
            #expect(try await server.catalogue("postgres") == before)
        }
    }

    @Test func theSchemaOfThisBuildIsTheLastFile() throws {
        let migrations = try MigrationFolder.read(ourMigrations())
        #expect(migrations.last?.version == Schema.version)
    }

    /// Object numbers differ each time a table is made: descriptions carry them, and so do names of TOAST tables.
    private func withoutNumbers(_ catalogue: String) -> [Substring] {
        catalogue.split(separator: "\n").filter { !$0.contains("pg_toast") && !$0.hasPrefix("description|") }
    }
}
