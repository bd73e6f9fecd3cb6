/// A harness' own failure: what it was doing and what went wrong.
package struct HarnessError: Error, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// Waits for a condition instead of sleeping for a guess.
package func until(
    _ what: String, within limit: Duration = .seconds(45), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard .now < deadline else { throw HarnessError("timed out after \(limit) waiting until \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
