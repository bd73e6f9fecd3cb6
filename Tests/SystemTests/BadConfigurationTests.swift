import Common
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Every variable of `.env.example`, missing or malformed, in every process that reads it: the process ends with exit
/// code 1 and one line a problem, which names the variable and says what is expected, and never the value.
@Suite struct BadConfigurationTests {
    private static let root = String(#filePath.dropLast("/Tests/SystemTests/BadConfigurationTests.swift".count))
    private static let programs = ["ingest", "worker", "relay", "simulator"]
    /// Nothing takes this for a number, a name, an address, a list or a path.
    private static let malformed = "hunter2 hunter2"

    /// Any text will do for these.
    private static let anyText: Set<String> = [
        "SERVICE_NAME", "PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE", "TWILIO_AUTH_TOKEN",
        "TWILIO_AUTH_TOKEN_SECONDARY", "TERMS_VERSION", "RELAY_REDIS_STREAM",
    ]
    /// Any text will do, beside another variable, which the line names.
    private static let halves = [
        "TWILIO_API_KEY_SECRET": "TWILIO_API_KEY_SID", "RELAY_KAFKA_SASL_USERNAME": "RELAY_KAFKA_SASL_MECHANISM",
        "RELAY_KAFKA_SASL_PASSWORD": "RELAY_KAFKA_SASL_MECHANISM",
    ]
    private static let twilio = [
        "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_NUMBER", "PUBLIC_BASE_URL",
    ]
    private static let required: [String: Set<String>] = [
        "ingest": Set(twilio + ["REDIS_URL"]),
        "worker": Set(twilio + ["REDIS_URL", "DATABASE_URL", "OTP_SECRET", "TERMS_URL", "TERMS_VERSION"]),
        "relay": ["REDIS_URL", "DATABASE_URL"], "simulator": Set(twilio),
    ]

    /// What `.env.example` sets, and what it names.
    private static let example: (values: [String: String], names: Set<String>) = {
        let lines = textOfFile(root + "/.env.example").split(separator: "\n").filter { !$0.hasPrefix("#") }
        let pairs = lines.compactMap { line -> (String, String)? in
            line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
        }
        return (Dictionary(pairs.filter { !$0.1.isEmpty }) { $1 }, Set(pairs.map(\.0)))
    }()

    private struct Ending: Sendable {
        let code: Int32?
        let output: String
        let error: String

        /// The variables that the lines name.
        var named: [String] {
            error.split(separator: "\n").dropFirst().compactMap { line in
                line.wholeMatch(of: #/\s\s- ([A-Z][A-Z0-9_]*): (?:missing; .+|expected .+|set either .+)/#)
                    .map { String($0.1) }
            }
        }
        var lines: Int { error.split(separator: "\n").count }
    }

    private static func end(
        _ program: String, _ environment: [String: String], _ arguments: [String] = []
    ) async throws -> Ending {
        let result = try await run(
            .name("env"),
            arguments: Arguments(
                ["-i"] + environment.map { "\($0.key)=\($0.value)" }.sorted() + [try builtProgram(program)] + arguments),
            output: .string(limit: 1_000_000), error: .string(limit: 1_000_000))
        var code: Int32?
        if case .exited(let status) = result.terminationStatus { code = status }
        return Ending(code: code, output: result.standardOutput, error: result.standardError)
    }

    /// The variables that a program says it reads.
    private static func variables(of program: String) async throws -> [String] {
        try await end(program, [:], ["--help"]).output.split(separator: "\n")
            .compactMap { $0.wholeMatch(of: #/\s\s([A-Z][A-Z0-9_]+)( \(or .+\))?/#).map { String($0.1) } }
    }

    /// Checks many endings, a few at a time.
    private func forEach(
        _ names: [String], _ check: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, name) in names.enumerated() {
                if index >= 4 { try await group.next() }
                group.addTask { try await check(name) }
            }
            try await group.waitForAll()
        }
    }

    @Test func helpNamesWhatElseTheSimulatorDoes() async throws {
        let help = try await Self.end("simulator", [:], ["--help"]).output
        #expect(help.hasPrefix("usage: simulator [--help | --version]\n       simulator delay --help\n"))
        let delay = try await Self.end("simulator", [:], ["delay", "--help"])
        #expect(delay.code == 0 && delay.output.hasPrefix("usage: simulator delay --listen"))
    }

    @Test(.timeLimit(.minutes(2)), arguments: programs) func malformedInTurn(program: String) async throws {
        let names = try await Self.variables(of: program).filter { !Self.anyText.contains($0) }
        #expect(names.count > 15 && Set(names).isSubset(of: Self.example.names))
        try await forEach(names) { name in
            var environment = Self.example.values
            environment[name] = Self.malformed
            if name == "NODE_ENV" { environment["APP_ENV"] = nil }
            if name == "TWILIO_API_KEY_SID" { environment["TWILIO_API_KEY_SECRET"] = "secret" }
            let ending = try await Self.end(program, environment)
            #expect(ending.code == 1, "\(program) with \(name): \(ending.error)")
            #expect(ending.output == "", "\(program) with \(name)")
            #expect(ending.named == [Self.halves[name] ?? name] && ending.lines == 2, "\(program): \(ending.error)")
            #expect(ending.error.hasPrefix("\(program): configuration has 1 problem:\n"))
            #expect(!ending.error.contains("hunter2"), "\(program) tells the value of \(name)")
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: programs) func missingInTurn(program: String) async throws {
        let required = try #require(Self.required[program])
        try await forEach(required.sorted()) { name in
            var environment = Self.example.values
            environment[name] = ""
            let ending = try await Self.end(program, environment)
            #expect(ending.code == 1 && ending.output == "", "\(program) without \(name): \(ending.error)")
            #expect(ending.named == [name] && ending.lines == 2, "\(program): \(ending.error)")
            #expect(ending.error.contains("  - \(name): missing; "))
        }
    }

    /// All that is required is missing, and all that can be malformed is: everything in one go, each variable once.
    @Test(.timeLimit(.minutes(2)), arguments: programs) func allAtOnce(program: String) async throws {
        let required = try #require(Self.required[program])
        let empty = try await Self.end(program, ["PORT": Self.malformed])
        #expect(empty.code == 1)
        #expect(
            Set(empty.named) == required.union(["PORT"]) && empty.named.count == required.count + 1, "\(empty.error)")

        let names = try await Self.variables(of: program)
        let all = try await Self.end(program, Dictionary(names.map { ($0, Self.malformed) }) { $1 })
        #expect(all.code == 1 && all.output == "")
        // Of the pairs one half is there: what is malformed is its other half.
        let expected = Set(names).subtracting(Self.anyText).subtracting(Self.halves.keys)
            .subtracting(["NODE_ENV"])
        #expect(Set(all.named) == expected, "\(all.error)")
        #expect(all.named.count == expected.count && all.lines == expected.count + 1)
        #expect(!all.error.contains("hunter2"))
    }

    /// What is only wrong together.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            ("worker", ["LOKI_ENABLED": "true"], "LOKI_HOST"),
            ("worker", ["TWILIO_API_KEY_SID": "SK" + String(repeating: "0", count: 32)], "TWILIO_API_KEY_SECRET"),
            ("worker", ["TWILIO_AUTH_TOKEN_FILE": "/nowhere"], "TWILIO_AUTH_TOKEN"),
            ("worker", ["OTP_SECRET": "hunter2"], "OTP_SECRET"),
            ("relay", ["RELAY_SINKS": "kafka"], "RELAY_KAFKA_BROKERS"),
            (
                "relay", ["RELAY_WEBHOOK_URL": "http://hunter2.example.com", "APP_ENV": "production"],
                "RELAY_WEBHOOK_URL"
            ),
        ])
    func together(program: String, variables: [String: String], problem: String) async throws {
        let ending = try await Self.end(program, Self.example.values.merging(variables) { $1 })
        #expect(ending.code == 1 && ending.output == "")
        #expect(ending.named == [problem], "\(ending.error)")
        #expect(!ending.error.contains("hunter2"))
    }

    @Test(.timeLimit(.minutes(1))) func theOperatorTellsAWrongEnvironmentFromAWrongCommand() async throws {
        let bad = try await Self.end("operator", ["REDIS_URL": Self.malformed], ["queue", "stats"])
        #expect(bad.code == 1 && bad.output == "" && bad.named == ["REDIS_URL"], "\(bad.error)")
        let wrong = try await Self.end("operator", Self.example.values, ["queue", "nonsense"])
        #expect(wrong.code == 2 && wrong.output == "")
    }
}
