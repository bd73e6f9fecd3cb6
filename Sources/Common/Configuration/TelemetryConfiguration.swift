package import Logging

/// Where logs and metrics go besides standard output and /metrics.
package struct TelemetryConfiguration: Sendable {
    /// Nil when log lines stay here.
    package let loki: LokiConfiguration?
    /// Nil when metrics are only there to be asked for.
    package let metrics: RemoteWriteConfiguration?
    /// What is set and has no effect, for a log line.
    package let idle: [(variable: String, missing: String)]

    package init(reading values: inout ConfigurationValues, logLevel: Logger.Level) {
        loki = LokiConfiguration(reading: &values, logLevel: logLevel)
        metrics = RemoteWriteConfiguration(reading: &values)
        idle = loki == nil && values.isSet("LOKI_HOST") ? [("LOKI_HOST", "LOKI_ENABLED=true")] : []
    }
}
