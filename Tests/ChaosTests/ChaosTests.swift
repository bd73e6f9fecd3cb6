import Common
import TestSupport
import Testing

/// Nothing lost, nothing out of order, nothing twice, whatever happens to the processes and servers.
///
/// A scenario that fails prints its seed; `CHAOS_SEED=<seed> swift test --filter ChaosTests` strikes in the same order
/// again, and the processes' logs are under /tmp/whatsapp-handler-chaos.
@Suite(.serialized, .chaosGround) struct ChaosTests {
    @Test(.timeLimit(.minutes(10)), arguments: Scenario.all)
    func nothingIsLostOrSwappedOrRepeated(scenario: Scenario) async throws {
        let seed = Extent.seed ?? .random(in: 1...9_999)
        let outcome = try await scenario.run(seed: seed)
        let row = ReliabilityTable.queue.row(scenario, outcome, seed: seed)
        print("chaos: \(row.line)")
        let verdict = outcome.verdict
        print(
            "chaos: \(scenario.name): \(outcome.strokes) strokes, processed after \(verdict.processedAfter), answered after",
            "\(verdict.answeredAfter), told after \(verdict.toldAfter), missed \(verdict.missed.count)")
        let complaints = verdict.complaints
        #expect(complaints == [], "\(scenario.name), seed \(seed)")
        #expect(outcome.report.accepted > 0, "\(scenario.name): somebody got through")
        if Extent.isLong { try ReliabilityTable.queue.write(row) }
    }
}
