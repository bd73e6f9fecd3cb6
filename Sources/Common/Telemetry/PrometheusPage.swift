/// The page at /metrics: Prometheus' text format 0.0.4.
struct PrometheusPage: MetricSink {
    private(set) var text = ""

    mutating func family(_ name: String, kind: String, help: String?) {
        if let help { text += "# HELP \(name) \(help)\n" }
        text += "# TYPE \(name) \(kind)\n"
    }

    mutating func sample(
        _ name: String, _ labels: SeriesLabels, extra: (name: String, value: String)?, _ value: Double
    ) {
        text += name
        if !labels.text.isEmpty || extra != nil {
            text += "{"
            text += labels.text
            if let extra { text += "\(labels.text.isEmpty ? "" : ",")\(extra.name)=\"\(extra.value)\"" }
            text += "}"
        }
        text += " \(value.prometheus)\n"
    }
}
