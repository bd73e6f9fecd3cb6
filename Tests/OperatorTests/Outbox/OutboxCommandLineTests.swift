import TestSupport
import Testing

@Suite struct OutboxCommandLineTests {
    @Test(arguments: [
        "stats", "list", "verify", "retry", "discard", "replay", "rewind", "accept-restore", "forget", "enable",
    ])
    func helpHasExamples(command: String) async throws {
        let run = try await OperatorRun(["outbox", command, "--help"])
        #expect(run.exitCode == 0 && run.error.isEmpty)
        #expect(run.output.contains("EXAMPLES") && run.output.contains("operator outbox \(command)"))
        #expect(run.output.contains("--json"))
        let all = try await OperatorRun(["outbox", "--help"])
        #expect(all.exitCode == 0 && all.output.contains("  \(command) "))
    }

    @Test(arguments: [
        ["stats", "--watch", "0"], ["list", "--limit", "0"], ["list", "--state", "lost"], ["list", "--type", "x"],
        ["list", "--id", "7"], ["list", "--since", "1h", "--until", "2h"], ["retry", "--all", "--yes"],
        ["retry", "--sink", "redis", "--all"], ["discard", "--sink", "redis", "--yes"],
        ["replay", "--sink", "redis", "--yes"], ["replay", "--sink", "redis", "--since", "1h"],
        ["rewind", "--sink", "redis", "--yes"],
        ["rewind", "--sink", "redis", "--to", "1h", "--sequence", "1", "--yes"],
        ["rewind", "--sink", "redis", "--to", "1h"], ["rewind", "--sink", "redis", "--sequence", "-1", "--yes"],
        ["rewind", "--sink", "redis", "--sequence", "0", "--shard", "64", "--yes"], ["accept-restore"],
        ["forget", "--sink", "redis"], ["enable", "--yes"],
    ])
    func wrongArgumentsExitWith2(arguments: [String]) async throws {
        let run = try await OperatorRun(["outbox"] + arguments)
        #expect(run.exitCode == 2, "\(run.error)")
        #expect(run.output.isEmpty && !run.error.isEmpty)
    }
}
