import ServiceLifecycle

/// Sets readiness: asks each check until it passes for the first time, more and more rarely.
///
/// Its clients connect by themselves, with their own backoff, so a start without Postgres or Redis waits and does not
/// end. What is lost later does not make a process unready: it knows how to wait, and who would take its place?
package struct ReadinessWatch: Service {
    package typealias Check = @Sendable () async -> Bool

    private let readiness: Readiness
    private let checks: [(name: String, check: Check)]
    private static let firstPause = Duration.milliseconds(5)
    private static let longestPause = Duration.milliseconds(500)

    package init(_ readiness: Readiness, _ checks: [(name: String, check: Check)]) {
        self.readiness = readiness
        self.checks = checks
        for (name, _) in checks { readiness.require(name) }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                for (name, check) in checks { group.addTask { await wait(for: name, check) } }
            }
        }
        try await gracefulShutdown()
    }

    private func wait(for name: String, _ check: Check) async {
        var pause = Self.firstPause
        while !Task.isCancelled {
            if await check() { return readiness.set(name, true) }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
