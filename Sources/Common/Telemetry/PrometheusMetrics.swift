import CoreMetrics
import Synchronization

/// One series, or one group of series that share their labels, as the registry keeps it.
protocol PrometheusMetric: AnyObject, Sendable {
    static var kind: String { get }
    /// Appends the sample lines of `name`; `labels` are written already, without braces.
    func write(_ name: String, _ labels: String, to page: inout String)
}

/// Counts up, without a lock.
final class PrometheusCounter: PrometheusMetric, CounterHandler {
    static let kind = "counter"
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ name: String, _ labels: String, to page: inout String) {
        page += "\(name)\(labels.braced) \(value.load(ordering: .relaxed))\n"
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

    func write(_ name: String, _ labels: String, to page: inout String) {
        page += "\(name)\(labels.braced) \(value.load().prometheus)\n"
    }
}

/// Counts in buckets, without a lock: a page rendered meanwhile may have a sum that is one record ahead or behind.
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

    func write(_ name: String, _ labels: String, to page: inout String) {
        let prefix = labels.isEmpty ? "" : labels + ","
        var running = 0
        for (slot, count) in counts.enumerated() {
            running += count.value.load(ordering: .relaxed)
            let bound = slot < bounds.count ? bounds[slot] : .infinity
            page += "\(name)_bucket{\(prefix)le=\"\(bound.prometheus)\"} \(running)\n"
        }
        page += "\(name)_sum\(labels.braced) \(sum.load().prometheus)\n\(name)_count\(labels.braced) \(running)\n"
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

extension Double {
    /// As the text format writes numbers: whole ones without a fraction, and its own words for the rest.
    var prometheus: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Inf" : "+Inf" }
        if self == rounded(), abs(self) < 1e15 { return "\(Int64(self))" }
        return "\(self)"
    }
}

extension String {
    fileprivate var braced: String { isEmpty ? "" : "{\(self)}" }
}
