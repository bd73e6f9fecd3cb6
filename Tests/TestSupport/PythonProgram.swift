import Common
import Glibc
import Subprocess
import SystemPackage

/// Programs in Python: other people's implementations of what we promise, to be compared with.
package enum PythonProgram {
    /// The folder of the package.
    package static let root = String(#filePath.dropLast("/Tests/TestSupport/PythonProgram.swift".count))
    /// What `scripts/setup` makes.
    private static var interpreter: String { root + "/.build/python/bin/python" }

    /// The interpreter with what Tests/Python/requirements.txt names; installed first, when it is missing.
    package static func installed() async throws -> String {
        let wanted = textOfFile(root + "/Tests/Python/requirements.txt")
        if textOfFile(root + "/.build/python/requirements.txt") == wanted, !wanted.isEmpty { return interpreter }
        let setup = try await run(
            .path(FilePath(root + "/scripts/setup")), arguments: ["python"], output: .discarded,
            error: .string(limit: 100_000))
        guard setup.terminationStatus.isSuccess, access(interpreter, X_OK) == 0 else {
            throw HarnessError("scripts/setup python: \(setup.standardError)")
        }
        return interpreter
    }

    /// Compares events with docs/events: what Tests/Python/check_events.py says of `lines`; throws what is wrong.
    package static func checkEvents(_ words: [String], lines: [String] = []) async throws -> String {
        try await check("check_events.py", [root + "/docs/events"] + words, lines: lines).joined()
    }

    /// Reads requests to a collector with OpenTelemetry's own definitions: a line a span, as check_spans.py says.
    package static func checkSpans(_ bodies: [String]) async throws -> [Substring] {
        try await check("check_spans.py", [], lines: bodies)
    }

    private static func check(_ name: String, _ words: [String], lines: [String]) async throws -> [Substring] {
        let result = try await run(
            .path(FilePath(try await installed())), arguments: Arguments([root + "/Tests/Python/" + name] + words),
            input: .string(lines.map { $0 + "\n" }.joined()), output: .string(limit: 1_000_000),
            error: .string(limit: 1_000_000))
        guard result.terminationStatus.isSuccess else {
            throw HarnessError("\(name): \(result.standardOutput)\(result.standardError)")
        }
        return result.standardOutput.split(separator: "\n")
    }

    /// Asks a running ingest what its contract says it answers: what schemathesis has to complain about, or nil.
    ///
    /// `contract` is another document than the one it serves; `environment` is ingest's own: requests are signed with it.
    package static func complaintsAboutAPI(
        at url: String, contract: String? = nil, environment: [String: String], seed: UInt64, examples: Int
    ) async throws -> String? {
        let bin = FilePath(try await installed()).removingLastComponent()
        var variables: [Environment.Key: String?] = [
            "SCHEMATHESIS_HOOKS": "api_hooks", "PYTHONPATH": root + "/Tests/Python", "PYTHONDONTWRITEBYTECODE": "1",
        ]
        for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
        let words = [
            "run", contract ?? url + "/openapi.yaml", "--url", url, "--seed", "\(seed)", "--max-examples",
            "\(examples)",
            "--checks", "all", "--exclude-checks", "ignored_auth", "--continue-on-failure", "--no-color",
        ]
        // It keeps notes in the folder it runs in.
        return try await withTemporaryDirectory { folder in
            let result = try await run(
                .path(bin.appending("schemathesis")), arguments: Arguments(words),
                environment: .inherit.updating(variables), workingDirectory: FilePath(folder),
                output: .string(limit: 4_000_000), error: .string(limit: 1_000_000))
            return result.terminationStatus.isSuccess ? nil : "\(result.standardOutput)\(result.standardError)"
        }
    }

    /// Whether a file is an OpenAPI document: nil, or what openapi-spec-validator has to complain about.
    package static func complaintsAboutContract(_ path: String) async throws -> String? {
        let bin = FilePath(try await installed()).removingLastComponent()
        let result = try await run(
            .path(bin.appending("openapi-spec-validator")), arguments: [path], output: .string(limit: 1_000_000),
            error: .string(limit: 1_000_000))
        return result.terminationStatus.isSuccess ? nil : "\(result.standardOutput)\(result.standardError)"
    }

    /// Compares deploy/grafana with the metrics that there are: what Tests/Python/check_grafana.py says of `part`, which
    /// is `alerts`, `dashboard` or `data`, with what else it needs; throws what is wrong.
    package static func checkGrafana(_ part: String, _ more: [String] = []) async throws -> String {
        let metrics = MetricName.allCases.map { "\($0.rawValue) \($0.help)\n" }.joined()
        let result = try await run(
            .path(FilePath(try await installed())),
            arguments: Arguments([root + "/Tests/Python/check_grafana.py", root, part] + more),
            input: .string(metrics), output: .string(limit: 1_000_000), error: .string(limit: 1_000_000))
        guard result.terminationStatus.isSuccess else {
            throw HarnessError("check_grafana.py \(part): \(result.standardOutput)\(result.standardError)")
        }
        return result.standardOutput.split(separator: "\n").joined()
    }

    /// One of the consumers of docs/events/consumers, to be started and killed; what it prints goes to `log`.
    package static func consumer(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], log: String
    ) async throws -> ServerProcess {
        let words = environment.map { "\($0.key)=\($0.value)" }
        let program = [try await installed(), root + "/docs/events/consumers/" + name]
        return ServerProcess("env", words + program + arguments, log: log)
    }
}
