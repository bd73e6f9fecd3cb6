import TestSupport
import Testing

/// Alert rules on series that there are, each with a unit test by promtool and a heading in docs/runbook.md.
@Suite struct AlertRulesTests {
    /// What is compared is told in Tests/Python/check_grafana.py; promtool runs every `*.test.yml`.
    @Test(.timeLimit(.minutes(3)))
    func everyRuleFiresHoldsStillClearsAndIsInTheRunbook() async throws {
        let summary = try await PythonProgram.checkGrafana("alerts")
        let counts = summary.split { !$0.isNumber }.compactMap { Int($0) }
        #expect(counts.count == 2 && counts[0] >= 35 && counts[1] >= 3 * counts[0], "\(summary)")
    }
}
