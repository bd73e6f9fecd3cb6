import Common
import CoreMetrics

/// Counts what was found missing.
package enum BackfillMetrics {
    /// Has the series begin at 0, so that the first message shows as an increase.
    package static func begin() { counter.increment(by: 0) }

    static func pushed() { counter.increment() }

    private static var counter: Counter { Counter(label: MetricName.backfilled.rawValue) }
}
