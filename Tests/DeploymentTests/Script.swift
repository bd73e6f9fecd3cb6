import TestSupport

/// A script of the package that has run: how it ended and all that it printed.
struct Script: Sendable {
    let ending: ServerProcess.Ending?
    let text: String

    /// Runs it, in the package's folder as tests are; `environment` is added to the test's own.
    static func run(
        _ words: [String], environment: [String: String] = [:], within limit: Duration = .seconds(60)
    ) async throws -> Script {
        try await withTemporaryDirectory { folder in
            let variables = environment.map { "\($0.key)=\($0.value)" }.sorted()
            let process = ServerProcess("env", variables + words, log: folder + "/log")
            try await process.start()
            let ending = try await process.end(within: limit)
            return Script(ending: ending, text: textOfFile(folder + "/log"))
        }
    }
}
