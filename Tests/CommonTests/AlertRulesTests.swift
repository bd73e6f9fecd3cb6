import Common
import TestSupport
import Testing

/// The alert rules ask for series that there are: one that nobody feeds would never alert.
@Suite struct AlertRulesTests {
    private static let root = String(#filePath.dropLast("Tests/CommonTests/AlertRulesTests.swift".count))

    @Test(arguments: ["relay"]) func everySeriesIsOneOfOurs(file: String) {
        let rules = textOfFile(Self.root + "deploy/grafana/alerts/\(file).rules.yml")
        let expressions = rules.split(separator: "\n").filter { $0.contains("expr:") }
        let series = expressions.flatMap { $0.matches(of: /whatsapp_[a-z_]+/).map { String($0.0) } }
        #expect(expressions.count >= 6 && series.count >= expressions.count)
        let known = Set(MetricName.allCases.map(\.rawValue))
        #expect(series.filter { !known.contains($0) } == [])
    }
}
