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
        /// Events that are parked, by what for.
        var parked: [Parked: Int] = [:]
    }

    /// The values of the label `state` of `whatsapp_outbox_parked`.
    enum Parked: String, Hashable, Sendable, CaseIterable {
        case retry, blocked, dead
        /// To be published once more, and not given up.
        case replay
    }

    private struct State {
        var progress: Progress?
        var measured = ContinuousClock.now
        var isForeignHistory = false
        var isDisabled = false
        var fullShards = 0
    }

    /// Age beyond which a measurement says nothing any more.
    static let staleAfter: Duration = .seconds(60)

    let sink: String
    /// Lag beyond which the relay is not ready.
    let lagLimit: Duration
    private let state = Locked(State())
    private let gauges: OutboxGauges
    private let lag: Gauge
    private let pending: Gauge
    private let breakerState: Gauge
    private let full: Gauge
    private let parkedGauges: [Parked: Gauge]
    private let published: [String: Counter]

    init(sink: String, lagLimit: Duration = .seconds(60), gauges: OutboxGauges = OutboxGauges()) {
        self.sink = sink
        self.lagLimit = lagLimit
        self.gauges = gauges
        func gauge(_ name: MetricName, _ more: (String, String)...) -> Gauge {
            Gauge(label: name.rawValue, dimensions: [("sink", sink)] + more)
        }
        lag = gauge(.outboxSinkLag)
        pending = gauge(.outboxSinkPending)
        breakerState = gauge(.outboxBreaker)
        full = gauge(.outboxFullShards)
        parkedGauges = Dictionary(
            uniqueKeysWithValues: Parked.allCases.map { ($0, gauge(.outboxParked, ("state", $0.rawValue))) })
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

    /// The name of the readiness check that it is.
    var check: String { "outbox_\(sink)" }

    func measured(_ progress: Progress) {
        state.withLock { state in
            state.progress = progress
            state.measured = .now
        }
        gauges.measured(sink, lag: progress.lag, pending: progress.pending)
        lag.record(progress.lag.inSeconds)
        pending.record(progress.pending)
        for (parked, gauge) in parkedGauges { gauge.record(progress.parked[parked, default: 0]) }
    }

    /// What was measured last.
    var lastProgress: Progress? { state.withLock { $0.progress } }

    func published(_ events: some Sequence<LoggedEvent>) {
        var counts: [String: Int] = [:]
        for event in events { counts[event.type, default: 0] += 1 }
        for (type, count) in counts { (published[type] ?? published[Self.otherType])?.increment(by: count) }
    }

    /// Notes how the sink's breaker stands.
    func breaker(_ breaker: FailurePause.State) { breakerState.record(breaker.rawValue) }

    /// Notes whether the sink has events that the log does not know.
    func foundForeignHistory(_ found: Bool) { state.withLock { $0.isForeignHistory = found } }

    /// Whether nothing is published because the database was restored.
    var hasForeignHistory: Bool { state.withLock { $0.isForeignHistory } }

    /// Notes whether the sink is switched off.
    func disabled(_ isDisabled: Bool) { state.withLock { $0.isDisabled = isDisabled } }

    /// Notes how many shards stand still because nothing more can be parked.
    func full(_ shards: Int) {
        state.withLock { $0.fullShards = shards }
        full.record(shards)
    }

    /// Whether events leave in time: a recent measurement, every shard owned by some relay, lag within its limit, and
    /// nothing that waits for a decision.
    var isHealthy: Bool {
        state.withLock { state in
            guard let progress = state.progress, .now - state.measured < Self.staleAfter else { return false }
            return !state.isForeignHistory && !state.isDisabled && state.fullShards == 0 && progress.unowned == 0
                && progress.lag < lagLimit
        }
    }
}
