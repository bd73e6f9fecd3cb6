import Common

/// Runs what computes for seconds on a thread of its own.
///
/// The pool has a thread a core, which tests that wait for servers need for each of their steps.
package func computing<R: Sendable>(_ body: @Sendable () throws -> R) async rethrows -> R {
    let thread = Reactor(name: "computing")
    defer { thread.stop() }
    return try await withTaskExecutorPreference(thread) { try body() }
}
