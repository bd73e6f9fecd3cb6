import Common
import CoreMetrics

/// The gauges that have one value for all sinks: that of the sink which is furthest behind.
final class OutboxGauges: Sendable {
    private let behind = Locked<[String: (lag: Double, pending: Int)]>([:])
    private let lag = Gauge(label: MetricName.outboxLag.rawValue)
    private let pending = Gauge(label: MetricName.outboxPending.rawValue)

    /// Notes how far `sink` is behind.
    func measured(_ sink: String, lag newLag: Duration, pending newPending: Int) {
        let worst = behind.withLock { behind in
            behind[sink] = (newLag.inSeconds, newPending)
            return (lag: behind.values.map(\.lag).max() ?? 0, pending: behind.values.map(\.pending).max() ?? 0)
        }
        lag.record(worst.lag)
        pending.record(worst.pending)
    }
}
