import Common
import Glibc
import Logging
import TestSupport
import Testing

@Suite struct MigrateFaultTests {
    /// A server, a folder with two good migrations, and the environment that names both.
    private func withFolder(
        _ body: (PostgresServer, _ folder: String, _ environment: [String: String]) async throws -> Void
    ) async throws {
        try await withPostgres { server in
            try await withTemporaryDirectory { folder in
                try write("CREATE TABLE first (n int);\n", to: folder + "/0001_first.up.sql")
                try write("DROP TABLE first;\n", to: folder + "/0001_first.down.sql")
                try write("CREATE TABLE second (n int);\n", to: folder + "/0002_second.up.sql")
                try write("DROP TABLE second;\n", to: folder + "/0002_second.down.sql")
                try await body(server, folder, ["DATABASE_URL": server.url(), "MIGRATIONS_DIR": folder])
            }
        }
    }

    @Test func aBrokenFileIsRolledBackEntirelyAndNamed() async throws {
        try await withFolder { server, folder, environment in
            try write(
                "CREATE TABLE third (n int);\nINSERT INTO third VALUES (1);\n\nCREATE TABLE fourth (n nonsense);\n",
                to: folder + "/0003_third.up.sql")
            try write("DROP TABLE third;\n", to: folder + "/0003_third.down.sql")
            let run = try await OperatorRun(["migrate", "up"], environment: environment)
            #expect(run.exitCode == 1)
            #expect(run.error.contains("0003_third.up.sql failed and was rolled back entirely: line 4:"))
            #expect(run.error.contains("nonsense"))
            let tables =
                "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'whatsapp_handler'::regnamespace AND relkind = 'r'"
            #expect(try await server.psql(tables) == "first,schema_migrations,second")
            try write("CREATE TABLE third (n int);\n", to: folder + "/0003_third.up.sql")
            #expect(try await OperatorRun(["migrate", "up"], environment: environment).exitCode == 0)
            #expect(try await server.psql(tables) == "first,schema_migrations,second,third")
        }
    }

    @Test func changedHistoryIsAnErrorThatSaysWhichFile() async throws {
        try await withFolder { _, folder, environment in
            _ = try await OperatorRun(["migrate", "up"], environment: environment)
            try write("CREATE TABLE first (n bigint);\n", to: folder + "/0001_first.up.sql")
            for arguments in [["migrate", "up"], ["migrate", "down", "--yes"]] {
                let run = try await OperatorRun(arguments, environment: environment)
                #expect(run.exitCode == 1)
                #expect(run.error.contains("0001_first.up.sql changed after it was applied. Restore"))
                #expect(!run.error.contains("0002"))
            }
            let status = try await OperatorRun(["migrate", "status", "--json"], environment: environment)
            #expect(status.exitCode == 0)
            #expect(status.output.contains(#""version":1,"name":"first","state":"changed""#))
            #expect(status.output.contains(#""version":2,"name":"second","state":"applied""#))
        }
    }

    @Test func anAppliedVersionWithoutItsFileIsAnError() async throws {
        try await withFolder { _, folder, environment in
            _ = try await OperatorRun(["migrate", "up"], environment: environment)
            unlink(folder + "/0001_first.up.sql")
            unlink(folder + "/0001_first.down.sql")
            let run = try await OperatorRun(["migrate", "up"], environment: environment)
            #expect(run.exitCode == 1)
            #expect(run.error.contains("the database has 0001_first, of which there is no file here"))
            let status = try await OperatorRun(["migrate", "status"], environment: environment)
            #expect(status.output.contains("unknown"))
        }
    }

    /// The release before, put back after a new one has migrated: it must start, and must not take anything away.
    @Test func aDatabaseOfALaterReleaseIsLeftAlone() async throws {
        try await withFolder { server, folder, environment in
            _ = try await OperatorRun(["migrate", "up"], environment: environment)
            unlink(folder + "/0002_second.up.sql")
            unlink(folder + "/0002_second.down.sql")
            let full = try await server.catalogue("postgres")
            for arguments in [["migrate", "up"], ["migrate", "up", "--dry-run"]] {
                let run = try await OperatorRun(arguments, environment: environment)
                #expect(run.exitCode == 0, "\(run.error)")
                #expect(run.error.contains("a later release brought 0002_second"))
                #expect(run.output.contains("nothing to do"))
            }
            let down = try await OperatorRun(["migrate", "down", "--yes"], environment: environment)
            #expect(down.exitCode == 1)
            #expect(down.error.contains("the database has 0002_second, of which there is no file here"))
            #expect(try await server.catalogue("postgres") == full)
            // A file that was left out is no later release's.
            try write("SELECT 1;", to: folder + "/0003_third.up.sql")
            try write("SELECT 1;", to: folder + "/0003_third.down.sql")
            let gap = try await OperatorRun(["migrate", "up"], environment: environment)
            #expect(gap.exitCode == 1 && gap.error.contains("the database has 0002_second"))
        }
    }

    @Test func aFileThatComesTooLateIsAnError() async throws {
        try await withFolder { _, folder, environment in
            try write("SELECT 1;", to: folder + "/0004_fourth.up.sql")
            try write("SELECT 1;", to: folder + "/0004_fourth.down.sql")
            _ = try await OperatorRun(["migrate", "up"], environment: environment)
            try write("SELECT 1;", to: folder + "/0003_third.up.sql")
            try write("SELECT 1;", to: folder + "/0003_third.down.sql")
            let run = try await OperatorRun(["migrate", "up"], environment: environment)
            #expect(run.exitCode == 1)
            #expect(run.error.contains("0003_third.up.sql comes before 0004_fourth, which is applied already"))
        }
    }

    @Test(arguments: ["COMMIT;", "CREATE TABLE x (n int); rollback;", "/* BEGIN */ SELECT ';'; -- COMMIT\nBegin;"])
    func aFileMustLeaveTheTransactionAlone(sql: String) async throws {
        try await withTemporaryDirectory { folder in
            try write(sql, to: folder + "/0001_first.up.sql")
            try write(
                "SELECT 'COMMIT;', $$ COMMIT; $$, E'\\'; COMMIT' AS \"; COMMIT\"; /* ; /* COMMIT */ */",
                to: folder + "/0001_first.down.sql")
            let environment = ["DATABASE_URL": "postgres://nobody@127.0.0.1:1/x", "MIGRATIONS_DIR": folder]
            let run = try await OperatorRun(["migrate", "up"], environment: environment)
            #expect(run.exitCode == 1)
            #expect(run.error.contains("0001_first.up.sql contains "))
            try write("SELECT 1;", to: folder + "/0001_first.up.sql")
            let fine = try await OperatorRun(["migrate", "up"], environment: environment)
            #expect(fine.error.contains("Check DATABASE_URL"))
        }
    }

    @Test func filesThatDoNotPairUpAreNamed() async throws {
        try await withTemporaryDirectory { folder in
            try write("SELECT 1;", to: folder + "/0001_first.up.sql")
            #expect(throws: MigrationError.self) { try MigrationFolder.read(folder) }
            try write("SELECT 1;", to: folder + "/0001_other.down.sql")
            #expect(throws: MigrationError.self) { try MigrationFolder.read(folder) }
            try write("SELECT 1;", to: folder + "/0001_first.down.sql")
            #expect(throws: MigrationError.self) { try MigrationFolder.read(folder) }
            unlink(folder + "/0001_other.down.sql")
            #expect(try MigrationFolder.read(folder).map(\.description) == ["0001_first"])
            try write("SELECT 1;", to: folder + "/2_second.up.sql")
            #expect(throws: MigrationError.self) { try MigrationFolder.read(folder) }
        }
    }

    @Test func aRunWaitsForAnotherAndGivesUpInTheEnd() async throws {
        try await withFolder { server, _, environment in
            let reactor = Reactor(name: "test")
            defer { reactor.stop() }
            let configuration = try PostgresConfiguration(url: Secret(server.url()))
            let session = try await PostgresSession.connect(
                configuration, reactor: reactor, logger: .init(label: "test"))
            let lock: SQL =
                "SELECT pg_advisory_lock(hashtextextended('whatsapp-handler migrations of whatsapp_handler', 0))"
            _ = try await session.query(lock)
            let run = try await OperatorRun(["migrate", "up", "--lock-timeout", "1"], environment: environment)
            #expect(run.exitCode == 1)
            #expect(run.error.contains("waiting for another run to end"))
            #expect(run.error.contains("server process"))
            #expect(run.error.contains("has held the migration lock for more than 1.0 seconds"))
            await session.close()
            #expect(try await OperatorRun(["migrate", "up"], environment: environment).exitCode == 0)
        }
    }
}
