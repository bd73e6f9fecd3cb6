import Common
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import UnixSignals

@testable import Relay

/// How drains end: together, with what is on its way, and in time.
@Suite struct DrainGroupTests {
    /// Never answers, unless it is cancelled.
    struct HungSink: Sink {
        let isAsked = Locked(false)

        func publish(_ batches: [ShardBatch], of log: UUID, within window: PublishWindow) async -> SinkReport {
            isAsked.withLock { $0 = true }
            try? await Task.sleep(for: .seconds(3600))
            return SinkReport()
        }

        func marks(of log: UUID, shards: [Int]) async throws(SinkError) -> [Int: Int64]? { nil }
    }

    private func drain(_ fixture: RelayFixture, _ postgres: PostgresClient, _ sink: any Sink, _ name: String) -> Drain {
        Drain(
            log: OutboxLog(postgres: postgres, sink: name, owner: UUID.random().description, lease: .seconds(60)),
            sink: sink, wakeUps: WakeUps(reactor: fixture.reactor), status: DrainStatus(sink: name),
            reactor: fixture.reactor, logger: RelayFixture.logger, announceRelease: {})
    }

    /// One after the other would take the process longer than it has.
    @Test(.timeLimit(.minutes(1))) func sinksThatHangAreLeftTogetherAndTheirShardsGivenBack() async throws {
        try await withRelayFixture { fixture in
            let postgres = PostgresClient(
                try fixture.relayConfiguration, reactor: fixture.reactor, logger: RelayFixture.logger)
            try await fixture.append(10)
            let sinks = (0..<3).map { _ in HungSink() }
            let drains = sinks.enumerated().map { drain(fixture, postgres, $0.element, "sink-\($0.offset)") }
            let group = ServiceGroup(services: [DrainGroup(drains: drains)], logger: RelayFixture.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await postgres.run() }
                async let running: Void = group.run()
                try await until("all hang") { sinks.allSatisfy { $0.isAsked.withLock { $0 } } }
                #expect(try await fixture.shares() == [64, 64, 64])
                let start = ContinuousClock.now
                await group.triggerGracefulShutdown()
                try await running
                // Five seconds for what is on its way; three times as long if one waited for the other.
                #expect(.now - start < .seconds(13))
                #expect(try await fixture.shares() == [])
                tasks.cancelAll()
            }
            // Nobody said that it was taken.
            #expect(try await fixture.pending("sink-0") == 10)
        }
    }

    /// Idle drains give their shards back at once.
    @Test func idleDrainsEndAtOnce() async throws {
        try await withRelayFixture { fixture in
            let postgres = PostgresClient(
                try fixture.relayConfiguration, reactor: fixture.reactor, logger: RelayFixture.logger)
            let drains = ["a", "b"].map { drain(fixture, postgres, ScriptedSink(), $0) }
            let group = ServiceGroup(services: [DrainGroup(drains: drains)], logger: RelayFixture.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await postgres.run() }
                async let running: Void = group.run()
                try await until("all is held") { try await fixture.shares() == [64, 64] }
                await group.triggerGracefulShutdown()
                try await running
                #expect(try await fixture.shares() == [])
                tasks.cancelAll()
            }
        }
    }
}
