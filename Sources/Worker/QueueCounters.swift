import Common
import CoreMetrics

/// Counts what calls to the queue did beside handing out messages.
struct QueueCounters: Sendable {
    private let stale = Self.counter("stale")
    private let reclaimed = Self.counter("reclaimed")
    private let duplicate = Self.counter("duplicate")
    private let dead = Self.counter("dead")

    func report(_ turn: QueueClient.Turn) {
        stale.increment(by: turn.stale.count)
        reclaimed.increment(by: turn.reclaimed)
        duplicate.increment(by: turn.duplicates)
        dead.increment(by: turn.dead)
    }

    private static func counter(_ kind: String) -> Counter {
        Counter(label: MetricName.queueDeliveries.rawValue, dimensions: [("kind", kind)])
    }
}
