/// What we push of ourselves, as metrics and log lines name it.
package enum PushTarget: String, CaseIterable, Sendable {
    /// Log lines, to Loki.
    case loki
    /// Series, by Prometheus remote write.
    case metrics
    /// Spans, by OTLP.
    case traces
}
