import Common
import TestSupport
import Testing

/// docs/observability.md lists the metrics that there are, with what they mean.
@Suite struct ObservabilityPageTests {
    private static let root = String(
        #filePath.dropLast("/Tests/CommonTests/Telemetry/ObservabilityPageTests.swift".count))

    @Test func itListsEveryMetricAndNoOther() {
        let rows = Set(
            textOfFile(Self.root + "/docs/observability.md").split(separator: "\n").map(String.init)
                .filter { $0.hasPrefix("| `whatsapp_") })
        let expected = Set(MetricName.allCases.map { "| `\($0.rawValue)` | \($0.help) |" })
        #expect(expected.subtracting(rows) == [], "rows to add")
        #expect(rows.subtracting(expected) == [], "rows to remove")
    }
}
