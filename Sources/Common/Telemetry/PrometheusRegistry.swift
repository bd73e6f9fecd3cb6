package import CoreMetrics

/// The backend of swift-metrics: keeps every metric in memory and renders Prometheus' text format 0.0.4.
///
/// A metric's label is its full name, `whatsapp_…_total`; timers are histograms in seconds, and their names are to end
/// in `_seconds`. Characters that names must not have become underscores. Asking for the same name and labels again,
/// in any order, finds the same series.
///
/// A metric keeps at most 1,000 series. What is beyond, and what asks for a name under another kind, is counted in
/// `whatsapp_metrics_series_dropped_total` and goes nowhere.
package final class PrometheusRegistry: MetricsFactory {
    private struct Family {
        var kind: String
        var series: [String: any PrometheusMetric] = [:]
    }

    private static let seriesLimit = 1000

    private let families = Locked<[String: Family]>([:])
    private let dropped = PrometheusCounter()

    package init() {}

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(label, dimensions) { PrometheusCounter() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        find(label, dimensions) { PrometheusGauge() }
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        if !aggregate { return find(label, dimensions) { PrometheusGauge() } }
        return find(label, dimensions) { PrometheusHistogram(Self.buckets(label)) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        find(label, dimensions) { PrometheusHistogram(Self.buckets(label)) }
    }

    // Series stay until the process ends, as Prometheus expects of counters.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// The page at `/metrics`: families in alphabetical order, each with what it means, its kind and its series.
    package func render() -> String {
        var page = ""
        for (name, family) in families.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            page.header(name, family.kind, MetricName(rawValue: name)?.help)
            for (labels, metric) in family.series.sorted(by: { $0.key < $1.key }) {
                metric.write(name, labels, to: &page)
            }
        }
        page.header(MetricName.seriesDropped.rawValue, PrometheusCounter.kind, MetricName.seriesDropped.help)
        dropped.write(MetricName.seriesDropped.rawValue, "", to: &page)
        ProcessMetrics.write(to: &page)
        return page
    }

    private func find<Metric: PrometheusMetric>(
        _ label: String, _ dimensions: [(String, String)], _ make: () -> Metric
    ) -> Metric {
        let name = label.metricName
        let labels = dimensions.isEmpty ? "" : Self.labels(dimensions)
        let found: Metric? = families.withLock { families in
            if let family = families[name] {
                if let known = family.series[labels] { return known as? Metric }
                if family.kind != Metric.kind || family.series.count >= Self.seriesLimit { return nil }
            }
            let new = make()
            families[name, default: Family(kind: Metric.kind)].series[labels] = new
            return new
        }
        if let found { return found }
        dropped.increment(by: 1)
        return make()
    }

    private static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.sorted { $0.0 < $1.0 }
            .map { "\($0.0.labelName)=\"\($0.1.labelValue)\"" }.joined(separator: ",")
    }

    private static func buckets(_ label: String) -> [Double] {
        MetricName(rawValue: label)?.buckets ?? MetricName.general
    }
}

extension String {
    /// Appends the two lines that open a family.
    mutating func header(_ name: String, _ kind: String, _ help: String?) {
        if let help { self += "# HELP \(name) \(help)\n" }
        self += "# TYPE \(name) \(kind)\n"
    }

    fileprivate var metricName: String { replacing(allowing: UInt8(ascii: ":")) }
    fileprivate var labelName: String { replacing(allowing: nil) }

    private func replacing(allowing extra: UInt8?) -> String {
        var bytes = utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                byte
            case _: byte == extra ? byte : UInt8(ascii: "_")
            }
        }
        if bytes.first.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) ?? true {
            bytes.insert(UInt8(ascii: "_"), at: 0)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate var labelValue: String {
        guard utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0A }) else { return self }
        var escaped = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            case _: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
