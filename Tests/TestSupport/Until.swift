/// A harness' own failure: what it was doing and what went wrong.
package struct HarnessError: Error, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// Waits for a condition instead of sleeping for a guess.
///
/// It is looked at thirty times at least, even if that takes twice as long: tests that compute share the threads, and
/// who waits may not have had a turn in all that time.
package func until(
    _ what: String, within limit: Duration = .seconds(45), _ condition: () async throws -> Bool
) async throws {
    let start = ContinuousClock.now
    var looks = 0
    while try await !condition() {
        looks += 1
        let waited = ContinuousClock.now - start
        guard waited < limit || looks < 30 && waited < limit * 2 else {
            throw HarnessError("timed out after \(limit) and \(looks) looks waiting until \(what)")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
