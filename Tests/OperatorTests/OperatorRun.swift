import Common
import Subprocess
import SystemPackage
import TestSupport

/// How a run of the built `operator` ended and what it printed.
struct OperatorRun: Sendable {
    let exitCode: Int32?
    let output: String
    let error: String

    /// Runs it to its end, with `environment` beside PATH and nothing else.
    init(_ arguments: [String], environment: [String: String] = [:]) async throws {
        let variables = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }.map { Array("\($0)=\($1)\0".utf8) }
        let result = try await Subprocess.run(
            .path(FilePath(try builtProgram("operator"))), arguments: Arguments(arguments),
            environment: .custom(variables), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        if case .exited(let status) = result.terminationStatus { exitCode = status } else { exitCode = nil }
        output = result.standardOutput
        error = result.standardError
    }
}
