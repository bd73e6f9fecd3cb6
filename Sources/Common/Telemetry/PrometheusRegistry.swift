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
        var series: [String: (labels: SeriesLabels, metric: any PrometheusMetric)] = [:]
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
        var page = PrometheusPage()
        visit(&page)
        return page.text
    }

    /// Gives all samples, those about the process itself last.
    package func visit(_ sink: inout some MetricSink) {
        for (name, family) in families.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            sink.family(name, kind: family.kind, help: MetricName(rawValue: name)?.help)
            for (_, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.metric.visit(&sink, name, series.labels)
            }
        }
        let name = MetricName.seriesDropped
        sink.family(name.rawValue, kind: PrometheusCounter.kind, help: name.help)
        dropped.visit(&sink, name.rawValue, .none)
        ProcessMetrics.visit(&sink)
    }

    private func find<Metric: PrometheusMetric>(
        _ label: String, _ dimensions: [(String, String)], _ make: () -> Metric
    ) -> Metric {
        let name = label.metricName
        let labels = dimensions.isEmpty ? .none : SeriesLabels(dimensions)
        let found: Metric? = families.withLock { families in
            if let family = families[name] {
                if let known = family.series[labels.text] { return known.metric as? Metric }
                if family.kind != Metric.kind || family.series.count >= Self.seriesLimit { return nil }
            }
            let new = make()
            families[name, default: Family(kind: Metric.kind)].series[labels.text] = (labels, new)
            return new
        }
        if let found { return found }
        dropped.increment(by: 1)
        return make()
    }

    private static func buckets(_ label: String) -> [Double] {
        MetricName(rawValue: label)?.buckets ?? MetricName.general
    }
}
