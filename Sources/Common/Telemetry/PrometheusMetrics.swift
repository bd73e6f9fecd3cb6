import CoreMetrics
import Synchronization

/// One series, or one group of series that share their labels, as the registry keeps it.
protocol PrometheusMetric: AnyObject, Sendable {
    static var kind: String { get }
    /// Gives the samples of `name`.
    func visit(_ sink: inout some MetricSink, _ name: String, _ labels: SeriesLabels)
}

/// Counts up, without a lock.
final class PrometheusCounter: PrometheusMetric, CounterHandler {
    static let kind = "counter"
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    func visit(_ sink: inout some MetricSink, _ name: String, _ labels: SeriesLabels) {
        sink.sample(name, labels, extra: nil, Double(value.load(ordering: .relaxed)))
    }
}

/// Goes up and down, without a lock; also takes the records of a swift-metrics `Gauge`.
final class PrometheusGauge: PrometheusMetric, MeterHandler, RecorderHandler {
    static let kind = "gauge"
    private let value = AtomicDouble()

    func set(_ new: Int64) { value.store(Double(new)) }
    func set(_ new: Double) { value.store(new) }
    func record(_ new: Int64) { value.store(Double(new)) }
    func record(_ new: Double) { value.store(new) }
    func increment(by amount: Double) { value.add(amount) }
    func decrement(by amount: Double) { value.add(-amount) }

    func visit(_ sink: inout some MetricSink, _ name: String, _ labels: SeriesLabels) {
        sink.sample(name, labels, extra: nil, value.load())
    }
}

/// Counts in buckets, without a lock: a page made meanwhile may have a sum that is one record ahead or behind.
final class PrometheusHistogram: PrometheusMetric, RecorderHandler, TimerHandler {
    static let kind = "histogram"
    private let bounds: [Double]
    private let counts: [AtomicCount]
    private let sum = AtomicDouble()

    init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = (0...bounds.count).map { _ in AtomicCount() }
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let slot = bounds.firstIndex { value <= $0 } ?? bounds.count
        counts[slot].value.wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func visit(_ sink: inout some MetricSink, _ name: String, _ labels: SeriesLabels) {
        var running = 0
        for (slot, count) in counts.enumerated() {
            running += count.value.load(ordering: .relaxed)
            let bound = slot < bounds.count ? bounds[slot] : .infinity
            sink.sample(name + "_bucket", labels, extra: ("le", bound.prometheus), Double(running))
        }
        sink.sample(name + "_sum", labels, extra: nil, sum.load())
        sink.sample(name + "_count", labels, extra: nil, Double(running))
    }
}

private final class AtomicCount: Sendable {
    let value = Atomic<Int>(0)
}

/// A `Double` in the bits of an atomic word.
private final class AtomicDouble: Sendable {
    private let bits = Atomic<UInt64>(0)

    func load() -> Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    func store(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, current) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = current
        }
    }
}
