import Common
import CoreMetrics

/// Counts what calls to the queue did beside handing out messages.
struct QueueCounters: Sendable {
    private let stale = Self.counter("stale")
    private let reclaimed = Self.counter("reclaimed")
    private let duplicate = Self.counter("duplicate")
    private let dead = Self.counter("dead")
    private let ingressLength = Self.meter("in")
    private let readyLength = Self.meter("ready")
    private let delayedLength = Self.meter("delay")
    private let leasedLength = Self.meter("lease")
    private let deadLength = Self.meter("dead")

    func report(_ turn: QueueClient.Turn) {
        stale.increment(by: turn.stale.count)
        reclaimed.increment(by: turn.reclaimed)
        duplicate.increment(by: turn.duplicates)
        dead.increment(by: turn.dead)
        ingressLength.set(turn.lengths.ingress)
        readyLength.set(turn.lengths.ready)
        delayedLength.set(turn.lengths.delayed)
        leasedLength.set(turn.lengths.leased)
        deadLength.set(turn.lengths.dead)
    }

    private static func meter(_ list: String) -> Meter {
        Meter(label: MetricName.queueDepth.rawValue, dimensions: [("list", list)])
    }

    private static func counter(_ kind: String) -> Counter {
        Counter(label: MetricName.queueDeliveries.rawValue, dimensions: [("kind", kind)])
    }
}
