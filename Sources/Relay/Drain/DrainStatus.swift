import Common
import CoreMetrics

/// What of a sink's progress others look at: readiness and metrics.
final class DrainStatus: Sendable {
    /// The sink's progress, all shards of all relays together.
    struct Progress: Hashable, Sendable {
        /// Age of the oldest event that is not published.
        var lag: Duration
        /// Events that are not published; a shard's are counted up to `OutboxProgress.countLimit`.
        var pending: Int
        /// Shards that no living relay holds.
        var unowned: Int
    }

    private struct State {
        var progress: Progress?
        var measured = ContinuousClock.now
        var isForeignHistory = false
    }

    /// The name of the readiness check that a drain's state is.
    static let check = "outbox"
    /// Lag beyond which the relay is not ready.
    static let lagLimit: Duration = .seconds(60)
    /// Age beyond which a measurement says nothing any more.
    static let staleAfter: Duration = .seconds(60)

    private let state = Locked(State())
    private let lag = Gauge(label: MetricName.outboxLag.rawValue)
    private let pending = Gauge(label: MetricName.outboxPending.rawValue)
    private let published: [String: Counter]

    init(sink: String) {
        let types = OutboxEventType.allCases.map(\.rawValue) + [Self.otherType]
        published = Dictionary(
            uniqueKeysWithValues: types.map { type in
                (
                    type,
                    Counter(label: MetricName.outboxPublished.rawValue, dimensions: [("sink", sink), ("type", type)])
                )
            })
    }

    /// What a type is counted as that this release does not know.
    private static let otherType = "other"

    func measured(_ progress: Progress) {
        state.withLock { state in
            state.progress = progress
            state.measured = .now
        }
        lag.record(progress.lag.inSeconds)
        pending.record(progress.pending)
    }

    func published(_ events: some Sequence<LoggedEvent>) {
        for event in events { (published[event.type] ?? published[Self.otherType])?.increment() }
    }

    /// Notes whether the sink has events that the log does not know.
    func foundForeignHistory(_ found: Bool) { state.withLock { $0.isForeignHistory = found } }

    /// Whether events leave in time: a recent measurement, every shard owned by some relay, lag within its limit.
    var isHealthy: Bool {
        state.withLock { state in
            guard let progress = state.progress, .now - state.measured < Self.staleAfter else { return false }
            return !state.isForeignHistory && progress.unowned == 0 && progress.lag < Self.lagLimit
        }
    }
}
