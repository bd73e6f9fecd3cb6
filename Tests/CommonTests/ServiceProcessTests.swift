import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// The life of a whole process, told by its exit code and its log.
@Suite struct ServiceProcessTests {
    /// Starts the fixture, calls `body`, and gives back how the process ended.
    private func fixture(
        _ environment: [String: String] = [:], arguments: [String] = [],
        _ body: @escaping @Sendable (_ process: ServerProcess, _ log: () -> String) async throws -> Void = { _, _ in }
    ) async throws -> (code: Int32, output: String, error: String) {
        try await withTemporaryDirectory { directory in
            let (out, err) = (directory + "/out", directory + "/err")
            let variables = ["PATH": "/usr/bin:/bin", "PORT": "0"].merging(environment) { $1 }
            let command = ["sh", "-c", "exec \"$@\" 2> \(err)", "sh", try builtProgram("ProcessFixture")] + arguments
            let process = ServerProcess(
                "env", ["-i"] + variables.map { "\($0.key)=\($0.value)" } + command, log: out)
            try await process.start()
            do {
                try await body(process, { Self.text(out) })
                guard case .exit(let code) = try await process.end() else { throw HarnessError("ended by a signal") }
                return (code, Self.text(out), Self.text(err))
            } catch {
                try await process.stop()
                throw error
            }
        }
    }

    @Test func aSignalStopsItCleanly() async throws {
        let end = try await fixture { process, log in
            try await until("ready") { log().contains("\"ready\"") }
            await process.send(SIGTERM)
        }
        #expect(end.code == 0, "\(end)")
        #expect(end.output.contains(#""message":"starting""#))
        #expect(end.output.contains(#""on_reactor":true"#))
        #expect(end.output.contains(#""message":"last to stop","ready":false"#))
        #expect(end.output.contains(#""message":"stopped""#))
        #expect(end.error == "")
    }

    @Test(arguments: [(SIGTERM, Int32(143)), (SIGINT, Int32(130))])
    func aSecondSignalEndsItAtOnce(signal: Int32, code: Int32) async throws {
        let end = try await fixture(["BEHAVIOUR": "slow"]) { process, log in
            try await until("ready") { log().contains("\"ready\"") }
            await process.send(SIGTERM)
            try await until("it is stopping") { log().contains("\"stopping\"") }
            await process.send(signal)
        }
        #expect(end.code == code, "\(end)")
    }

    @Test func afterTheGracePeriodServicesAreCancelled() async throws {
        let end = try await fixture(["BEHAVIOUR": "slow", "SHUTDOWN_GRACE_SECONDS": "1"]) { process, log in
            try await until("ready") { log().contains("\"ready\"") }
            await process.send(SIGINT)
        }
        #expect(end.code == 1)
        let cutOff = #""message":"service was cut off","service_name":"Actor""#
        #expect(end.output.contains(cutOff), "\(end)")
        #expect(end.output.split(separator: "\n").filter { $0.contains("cut off") }.count == 1)
    }

    @Test func aServiceThatIgnoresItsCancellationDoesNotKeepTheProcess() async throws {
        let end = try await fixture(["BEHAVIOUR": "deaf", "SHUTDOWN_GRACE_SECONDS": "1"]) { process, log in
            try await until("ready") { log().contains("\"ready\"") }
            await process.send(SIGTERM)
        }
        #expect(end.code == 1)
        let named = #""message":"service ignores its cancellation: ending at once","service_name":"Actor""#
        #expect(end.output.contains(named), "\(end)")
    }

    @Test(arguments: [
        ("failing", "service failed"), ("ending", "service ended by itself"), ("impossible", "cannot start"),
    ])
    func aFailureIsNamedAndEndsIt(behaviour: String, message: String) async throws {
        let end = try await fixture(["BEHAVIOUR": behaviour])
        #expect(end.code == 1)
        #expect(end.output.contains("\"message\":\"\(message)\""))
        if behaviour != "impossible" { #expect(end.output.contains(#""service_name":"Actor""#)) }
    }

    @Test func problemsOfTheEnvironmentArePrintedTogether() async throws {
        let end = try await fixture(["BEHAVIOUR": "odd", "PORT": "odd"])
        #expect(end.code == 1)
        #expect(end.output == "")
        #expect(end.error.hasPrefix("fixture: configuration has 2 problems:\n  - PORT: expected"))
        #expect(end.error.contains("\n  - BEHAVIOUR: expected one of good, slow"))
    }

    @Test func misspelledVariablesAreWarnedOf() async throws {
        let end = try await fixture(["BEHAVIOUR": "failing", "TWILLIO_AUTH_TOKEN": "hunter2"])
        #expect(end.output.contains(#""meant":"TWILIO_AUTH_TOKEN","variable":"TWILLIO_AUTH_TOKEN""#))
        #expect(!end.output.contains("hunter2"))
    }

    @Test func metricsHaveAPortOfTheirOwn() async throws {
        let port = try freePort()
        let end = try await fixture(["METRICS_PORT": "\(port)"]) { process, _ in
            try await until("it listens") { connects(toPort: port) }
            let client = HTTPClient(reactor: Reactor(name: "test"))
            let page = try await client.send(HTTPRequest(.GET, "http://127.0.0.1:\(port)/metrics"))
            #expect(page.status == 200)
            let text = String(decoding: page.body, as: UTF8.self)
            #expect(text.contains("whatsapp_build_info{process=\"fixture\",version=\"\(Build.version)\"} 1\n"))
            let health = try await client.send(HTTPRequest(.GET, "http://127.0.0.1:\(port)/health"))
            #expect(health.status == 404)
            await client.close()
            await process.send(SIGTERM)
        }
        #expect(end.code == 0, "\(end)")
    }

    @Test func helpVersionAndNonsense() async throws {
        let help = try await fixture(["BEHAVIOUR": "odd"], arguments: ["--help"])
        #expect(help.code == 0 && help.output.contains("\n  BEHAVIOUR\n") && help.output.contains("\n  PORT\n"))
        let version = try await fixture(arguments: ["--version"])
        #expect(version.code == 0 && version.output == "fixture \(Build.version)\n")
        let nonsense = try await fixture(arguments: ["--nonsense"])
        #expect(nonsense.code == 2 && nonsense.output == "" && nonsense.error.contains("--help"))
    }

    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
