import TestSupport
import Testing

/// The dashboard asks for series that there are, in words that Prometheus understands.
@Suite struct DashboardTests {
    /// What is compared is told in Tests/Python/check_grafana.py.
    @Test(.timeLimit(.minutes(2)))
    func everyQueryIsOfOurSeriesAndEveryPanelSaysWhatItShows() async throws {
        let summary = try await PythonProgram.checkGrafana("dashboard")
        let counts = summary.split { !$0.isNumber }.compactMap { Int($0) }
        #expect(counts.count == 2 && counts[0] >= 35 && counts[1] >= counts[0], "\(summary)")
    }
}
