import Subprocess
import SystemPackage

extension Product {
    /// Runs `operator` and gives back what it printed.
    @discardableResult
    package func `operator`(_ arguments: String...) async throws -> String {
        let variables = environment(.worker).map { "\($0.key)=\($0.value)" }.sorted()
        let result = try await run(
            .name("env"), arguments: Arguments(["-i"] + variables + ["\(Self.programs)/operator"] + arguments),
            output: .string(limit: 1_000_000), error: .string(limit: 100_000))
        guard result.terminationStatus.isSuccess else { throw HarnessError("operator: \(result.standardError)") }
        return result.standardOutput
    }

    func migrate() async throws {
        // Tests run in the package's folder.
        try await self.operator("migrate", "up", "--directory", "migrations")
    }
}
