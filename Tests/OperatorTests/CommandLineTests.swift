import TestSupport
import Testing

@Suite struct CommandLineTests {
    @Test func aWrongEnvironmentIsReportedAtOnceWithoutValues() async throws {
        let environment = ["DATABASE_URL": "mysql://root:hunter2@db/x", "DATABASE_SCHEMA": "No Good", "PGPORT": "many"]
        let run = try await OperatorRun(["migrate", "status"], environment: environment)
        #expect(run.exitCode == 1)
        for name in environment.keys { #expect(run.error.contains(name), "\(name)") }
        #expect(!run.error.contains("hunter2"))
        #expect(run.output.isEmpty)
    }

    @Test func aServerThatIsNotThereIsAFailureThatSaysWhatToCheck() async throws {
        let port = try freePort()
        let environment = try [
            "DATABASE_URL": "postgres://someone:hunter2@127.0.0.1:\(port)/x", "MIGRATIONS_DIR": ourMigrations(),
        ]
        let run = try await OperatorRun(["migrate", "up"], environment: environment)
        #expect(run.exitCode == 1)
        #expect(run.error.contains("Check DATABASE_URL"))
        #expect(run.error.contains("\(port)"))
        #expect(!run.error.contains("hunter2"))
    }

    @Test(arguments: [
        ["--help"], ["migrate", "--help"], ["migrate", "up", "--help"], ["help", "migrate", "down"], ["--version"],
        ["backfill", "--help"],
    ])
    func helpIsPrintedOnStandardOutput(arguments: [String]) async throws {
        let run = try await OperatorRun(arguments)
        #expect(run.exitCode == 0)
        #expect(!run.output.isEmpty)
        #expect(run.error.isEmpty)
    }

    @Test(arguments: [
        ["migrat"], ["migrate", "up", "--nonsense"], ["migrate", "down"], ["migrate", "down", "--steps", "0", "--yes"],
        ["migrate", "down", "--steps", "1", "--to", "1", "--yes"], ["migrate", "up", "--timeout", "0"],
        ["backfill"], ["backfill", "--since", "yesterday"], ["backfill", "--since", "1h", "--until", "2h"],
        ["backfill", "--since", "2999-01-01"], ["backfill", "--since", "1h", "--wait", "-1"],
    ])
    func wrongArgumentsExitWith2(arguments: [String]) async throws {
        let run = try await OperatorRun(arguments)
        #expect(run.exitCode == 2)
        #expect(run.output.isEmpty)
        #expect(!run.error.isEmpty)
    }
}
