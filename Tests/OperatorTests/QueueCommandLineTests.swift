import Common
import TestSupport
import Testing

@testable import Operator

/// How the commands that need Redis and Postgres are called, and what they say when they cannot work.
@Suite struct QueueCommandLineTests {
    @Test(arguments: [
        ["queue", "--help"], ["queue", "peek", "--help"], ["dead", "--help"], ["dead", "list", "--help"],
        ["dead", "show", "--help"], ["dead", "replay", "--help"], ["dead", "discard", "--help"],
        ["queue", "stats", "--help"], ["queue", "pause", "--help"], ["queue", "resume", "--help"],
        ["queue", "repair", "--help"], ["replay", "--help"],
    ])
    func helpHasExamples(arguments: [String]) async throws {
        let run = try await OperatorRun(arguments)
        #expect(run.exitCode == 0 && run.error.isEmpty)
        #expect(["queue", "dead"].contains(arguments[0]) && arguments.count == 2 || run.output.contains("EXAMPLES"))
    }

    @Test(arguments: [
        ["queue", "peek", "--list", "inn"], ["queue", "peek", "--limit", "0"], ["queue", "peek", "--sender", "ann"],
        ["queue", "peek", "--sender", "+447700900123", "--list", "in"], ["dead", "list", "--since", "yesterday"],
        ["dead", "list", "--since", "1h", "--until", "2h"], ["dead", "list", "--limit", "many"], ["dead", "show"],
        ["dead", "list", "--since", "-3h"], ["dead", "replay", "--yes"], ["dead", "discard", "--all"],
        ["queue", "stats", "--watch", "0"], ["queue", "repair", "--yes"], ["replay", "--yes"],
        ["replay", "--since", "1h"], ["replay", "--since", "2d", "--until", "3d", "--yes"],
    ])
    func wrongArgumentsExitWith2(arguments: [String]) async throws {
        let run = try await OperatorRun(arguments)
        #expect(run.exitCode == 2, "\(run.error)")
        #expect(run.output.isEmpty && !run.error.isEmpty)
    }

    @Test func missingVariablesAreNamedTogether() async throws {
        let run = try await OperatorRun(["dead", "list"], environment: ["QUEUE_SHARDS": "none"])
        #expect(run.exitCode == 1)
        for name in ["REDIS_URL", "DATABASE_URL", "QUEUE_SHARDS"] { #expect(run.error.contains(name)) }
        let peek = try await OperatorRun(["queue", "peek"])
        #expect(peek.exitCode == 1 && peek.error.contains("REDIS_URL") && !peek.error.contains("DATABASE_URL"))
    }

    @Test func aServerThatIsDownIsNamedByItsVariable() async throws {
        let port = try freePort()
        let environment = [
            "REDIS_URL": "redis://someone:hunter2@127.0.0.1:\(port)/3",
            "DATABASE_URL": "postgres://someone:hunter2@127.0.0.1:\(port)/x",
        ]
        let peek = try await OperatorRun(["queue", "peek"], environment: environment)
        #expect(peek.exitCode == 1)
        #expect(peek.error.contains("Redis cannot be reached") && peek.error.contains("Check REDIS_URL"))
        #expect(!peek.error.contains("hunter2") && peek.output.isEmpty)
        try await withRedis { redis in
            let list = try await OperatorRun(
                ["dead", "list"], environment: environment.merging(["REDIS_URL": redis.url]) { $1 })
            #expect(list.exitCode == 1)
            #expect(list.error.contains("database cannot be reached") && list.error.contains("Check DATABASE_URL"))
            #expect(!list.error.contains("hunter2") && list.output.isEmpty)
        }
    }

    @Test func aDatabaseThatIsNotMigratedIsSaidToBe() async throws {
        try await withPostgres { postgres in
            try await withRedis { redis in
                let run = try await OperatorRun(
                    ["dead", "list"], environment: ["REDIS_URL": redis.url, "DATABASE_URL": postgres.url()])
                #expect(run.exitCode == 1 && run.error.contains("run operator migrate up"))
            }
        }
    }

    @Test func momentsAreReadAsPeopleWriteThem() {
        let now = Timestamp(rfc3339: "2026-11-22T12:00:00Z") ?? .now
        let read = ["90s", "45m", "2h", "3d", "1w", "2026-11-22", "2026-11-22T10:00:00+01:00"].map {
            Moment($0, now: now)?.timestamp.rfc3339
        }
        #expect(
            read == [
                "2026-11-22T11:58:30.000Z", "2026-11-22T11:15:00.000Z", "2026-11-22T10:00:00.000Z",
                "2026-11-19T12:00:00.000Z", "2026-11-15T12:00:00.000Z", "2026-11-22T00:00:00.000Z",
                "2026-11-22T09:00:00.000Z",
            ])
        for text in ["", "h", "-2h", "2", "2 h", "1.5h", "9999999999d", "99999d", "2026-13-01", "٣d"] {
            #expect(Moment(text, now: now) == nil, "\(text)")
        }
    }

    @Test func whatTerminalsObeyIsNotPrinted() {
        #expect(Output.printable("a\u{1B}[2Jb\r\u{9B}c\u{7F}é\n") == "a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}c\u{FFFD}é\n")
        let ages = [0, 59, 60, 3599, 3600, 90_000, 86_400].map { Output.age(.seconds($0)) }
        #expect(ages == ["0 s", "59 s", "1 min", "59 min 59 s", "1 h", "1 d 1 h", "1 d"])
        let bar = ProgressBar("replaying", total: 8).line(2)
        #expect(bar == "replaying  [#####               ]  25 %  2 of 8  0 s")
    }
}
