import Subprocess
import SystemPackage

extension PythonProgram {
    /// What Tests/Python/check_deployment.py says; throws all that is wrong.
    package static func checkDeployment(_ words: String...) async throws -> String {
        let result = try await run(
            .path(FilePath(try await installed())),
            arguments: Arguments([root + "/Tests/Python/check_deployment.py"] + words),
            output: .string(limit: 1_000_000), error: .string(limit: 1_000_000))
        guard result.terminationStatus.isSuccess else {
            throw HarnessError("check_deployment.py: \(result.standardOutput)\(result.standardError)")
        }
        return result.standardOutput.split(separator: "\n").joined()
    }
}
