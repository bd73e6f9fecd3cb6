import Common
import TestSupport
import Testing

/// Nothing lost, nothing out of order, nothing twice in the stream, whatever happens to relays, servers and sinks.
///
/// A scenario that fails prints its seed; `CHAOS_SEED=<seed> swift test --filter RelayChaosTests` strikes in the same
/// order again, and the relays' logs are under /tmp/whatsapp-handler-chaos.
@Suite(.serialized, .chaosGround) struct RelayChaosTests {
    @Test(.timeLimit(.minutes(10)), arguments: RelayScenario.all)
    func everyEventLeavesOnceAndInOrder(scenario: RelayScenario) async throws {
        let seed = Extent.seed ?? .random(in: 1...9_999)
        let outcome = try await scenario.run(seed: seed)
        let row = ReliabilityTable.relays.row(scenario, outcome, seed: seed)
        print("chaos: \(row.line)")
        #expect(outcome.verdict.complaints == [], "\(scenario.name), seed \(seed)")
        #expect(outcome.verdict.events > 50, "\(scenario.name): somebody wrote")
        if Extent.isLong { try ReliabilityTable.relays.write(row) }
    }
}
