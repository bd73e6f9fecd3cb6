import Common
import ServiceLifecycle
import TestSupport
import Testing

@Suite struct ReadinessTests {
    private let readiness = Readiness()

    @Test func notReadyBeforeTheStart() {
        #expect(!readiness.isReady)
        readiness.started()
        #expect(readiness.isReady)
    }

    @Test func everyRequiredCheckMustPass() {
        readiness.started()
        readiness.require("redis", "database")
        #expect(readiness.waitingFor == ["database", "redis"])
        readiness.set("redis", true)
        #expect(!readiness.isReady)
        readiness.set("database", true)
        #expect(readiness.isReady)
        readiness.require("redis")
        #expect(readiness.isReady)
        readiness.set("redis", false)
        #expect(!readiness.isReady)
    }

    @Test func aStopIsForGood() {
        readiness.started()
        readiness.beginShutdown()
        readiness.set("redis", true)
        readiness.started()
        #expect(!readiness.isReady)
        #expect(readiness.isShuttingDown)
    }

    @Test func theWatchAsksUntilEachCheckHasPassedOnce() async throws {
        let asked = Locked(0)
        readiness.started()
        let watch = ReadinessWatch(
            readiness,
            [
                ("redis", { true }),
                (
                    "database",
                    {
                        asked.withLock { asked in
                            asked += 1
                            return asked == 3
                        }
                    }
                ),
            ])
        #expect(readiness.waitingFor == ["database", "redis"])
        try await withThrowingTaskGroup { group in
            group.addTask { try await watch.run() }
            try await until("ready") { readiness.isReady }
            #expect(asked.withLock { $0 } == 3)
            group.cancelAll()
            while let result = await group.nextResult() { _ = result }
        }
    }
}
