import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// A built process and a server that speaks Loki's push API: well, slow, failing, hanging, absent.
@Suite struct LokiProcessTests {
    private struct Run: Sendable {
        let output: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
        /// How long the lines took, in milliseconds.
        var milliseconds: Int? {
            lines.first { $0.contains(#""message":"written""#) }
                .flatMap { JSONValue(parsing: Array($0.utf8)) }
                .flatMap { if case .integer(let number)? = $0["milliseconds"] { number } else { nil } }
        }
    }

    /// Runs the fixture until `body` returns, then ends it with SIGTERM.
    private func fixture(
        lines: Int, _ variables: [String: String], _ body: (_ port: Int, _ output: () -> String) async throws -> Void
    ) async throws -> Run {
        try await withTemporaryDirectory { directory in
            let log = directory + "/fixture.log"
            let port = try freePort()
            let environment = [
                "PATH": "/usr/bin:/bin", "PORT": "0", "METRICS_PORT": "\(port)", "BEHAVIOUR": "chatty",
                "FIXTURE_LINES": "\(lines)", "LOKI_ENABLED": "true", "APP_ENV": "test",
            ].merging(variables) { $1 }
            let process = try ourProcess("ProcessFixture", environment: environment, log: log)
            try await process.start()
            do {
                try await until("it has written its lines", within: .seconds(90)) {
                    textOfFile(log).contains(#""message":"written""#)
                }
                try await body(port) { textOfFile(log) }
                await process.send(SIGTERM)
                #expect(try await process.end(within: .seconds(40)) == .exit(0))
            } catch {
                try await process.stop()
                throw error
            }
            return Run(output: textOfFile(log))
        }
    }

    private func pushed(_ result: String, on port: Int) async throws -> Int {
        let reactor = Reactor(name: "test")
        defer { reactor.stop() }
        let http = HTTPClient(reactor: reactor)
        let page = try await http.send(HTTPRequest(.GET, "http://127.0.0.1:\(port)/metrics")).text
        await http.close()
        let name = "whatsapp_push_total{result=\"\(result)\",target=\"loki\"} "
        return page.split(separator: "\n").first { $0.hasPrefix(name) }.flatMap { Int($0.dropFirst(name.count)) } ?? -1
    }

    @Test(.timeLimit(.minutes(2))) func lokiGetsTheLinesOfStandardOutput() async throws {
        try await withWebhookReceiver { receiver in
            let loki = LokiReceiver(receiver)
            receiver.answer { $0.headers["authorization"] == nil ? .status(401) : .status(204) }
            let variables = ["LOKI_HOST": loki.host, "LOKI_BASIC_AUTH": "user:hunter2-hunter2"]
            let run = try await fixture(lines: 3000, variables) { port, _ in
                try await until("most have arrived") { try await pushed("sent", on: port) > 2000 }
            }
            let lines = try loki.lines()
            // From the first line to the last, which says that it has stopped; of one level, in their order.
            for level in ["info", "notice"] {
                let mine = lines.filter { $0.labels["level"] == level }
                #expect(mine.map(\.text) == run.lines.filter { $0.contains("\"level\":\"\(level)\"") })
                #expect(zip(mine, mine.dropFirst()).allSatisfy { $0.nanoseconds < $1.nanoseconds })
            }
            #expect(lines.count == run.lines.count && run.lines.count > 2000)
            #expect(lines.contains { $0.message == "stopped" })
            #expect(Set(lines.map(\.nanoseconds)).count == lines.count)
            #expect(
                Set(lines.map { $0.labels.filter { $0.key != "level" } }) == [
                    ["service": "whatsapp-handler", "process": "fixture", "environment": "test"]
                ])
            #expect(
                Set(receiver.deliveries.map { $0.headers["authorization"] }) == ["Basic dXNlcjpodW50ZXIyLWh1bnRlcjI="])
        }
    }

    @Test(.timeLimit(.minutes(2))) func lokisLevelIsItsOwn() async throws {
        try await withWebhookReceiver { receiver in
            let variables = ["LOKI_HOST": LokiReceiver(receiver).host, "LOKI_LEVEL": "debug", "LOG_LEVEL": "warning"]
            try await withTemporaryDirectory { directory in
                let log = directory + "/fixture.log"
                let environment = [
                    "PATH": "/usr/bin:/bin", "PORT": "0", "BEHAVIOUR": "chatty", "FIXTURE_LINES": "9",
                    "LOKI_ENABLED": "true",
                ].merging(variables) { $1 }
                let process = try ourProcess("ProcessFixture", environment: environment, log: log)
                try await process.start()
                try await until("Loki has them") {
                    try LokiReceiver(receiver).lines().contains { $0.message == "written" }
                }
                await process.send(SIGTERM)
                #expect(try await process.end() == .exit(0))
                #expect(textOfFile(log) == "", "nothing was a warning")
                let levels = try LokiReceiver(receiver).lines().filter { $0.message == "line" }.map {
                    $0.labels["level"]
                }
                #expect(levels.count { $0 == "debug" } == 3 && levels.count { $0 == "info" } == 6)
            }
        }
    }

    /// On a terminal of its own, which `script` makes.
    @Test(.timeLimit(.minutes(2))) func onATerminalThereIsTextAndLokiGetsTheJSON() async throws {
        try await withWebhookReceiver { receiver in
            try await withTemporaryDirectory { directory in
                let log = directory + "/typescript"
                let command = [
                    "exec", "env", "-i", "PORT=0", "BEHAVIOUR=chatty", "FIXTURE_LINES=3", "LOKI_ENABLED=true",
                    "LOKI_HOST=\(LokiReceiver(receiver).host)", try builtProgram("ProcessFixture"),
                ]
                let process = ServerProcess(
                    "script", ["-qfec", command.joined(separator: " "), "/dev/null"], log: log)
                try await process.start()
                try await until("Loki has them") {
                    try LokiReceiver(receiver).lines().contains { $0.message == "written" }
                }
                try await process.stop(SIGTERM)
                let printed = textOfFile(log)
                #expect(printed.contains("  NOTICE   fixture  written  milliseconds="), "\(printed)")
                #expect(!printed.contains("{"))
                #expect(try LokiReceiver(receiver).lines().allSatisfy { $0.object?["process"]?.string == "fixture" })
            }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [500, 429]) func whatLokiCouldNotTakeComesAgain(status: Int) async throws
    {
        try await withWebhookReceiver { receiver in
            let refusals = Locked(3)
            receiver.answer { _ in
                refusals.withLock { left in
                    left -= 1
                    return left >= 0 ? .status(status, headers: ["Retry-After: 0"]) : .status(204)
                }
            }
            let run = try await fixture(lines: 100, ["LOKI_HOST": LokiReceiver(receiver).host]) { port, _ in
                try await until("they have arrived") { try await pushed("sent", on: port) >= 68 }
                #expect(try await pushed("failed", on: port) == 0)
                #expect(try await pushed("dropped", on: port) == 0)
            }
            #expect(run.output.contains("pushing fails"))
            #expect(run.output.contains("pushing works again"))
            #expect(!(try LokiReceiver(receiver).lines().contains { $0.message.hasPrefix("pushing") }))
        }
    }

    /// Loki gone or hanging costs lines, which are counted, and nothing else: neither time nor the end.
    @Test(.timeLimit(.minutes(4))) func linesAreWrittenAsFastWhenLokiHangsOrIsAbsent() async throws {
        let count = 30_000
        try await withWebhookReceiver { receiver in
            receiver.answer { _ in .hang }
            let cases = [
                ("off", ["LOKI_ENABLED": "false"]), ("hangs", ["LOKI_HOST": LokiReceiver(receiver).host]),
                ("absent", ["LOKI_HOST": "http://127.0.0.1:\(try freePort())"]),
            ]
            var times: [String: Int] = [:]
            for (name, variables) in cases {
                let run = try await fixture(lines: count, variables) { port, _ in
                    if name == "off" { return }
                    // 20,000 lines of at least `info`, and room for 10,000.
                    try await until("some are dropped") { try await pushed("dropped", on: port) > 5000 }
                    #expect(try await pushed("sent", on: port) == 0)
                }
                #expect(run.lines.count { $0.contains(#""message":"line""#) } == count * 2 / 3)
                times[name] = run.milliseconds
            }
            let off = try #require(times["off"])
            print("\(count) lines: \(times) ms")
            // Twice as long is the noise of a machine on which much else runs; a line that waited would take far more.
            for name in ["hangs", "absent"] { #expect(try #require(times[name]) < off * 4 + 2000, "\(times)") }
        }
    }
}
