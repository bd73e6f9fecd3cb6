/// Where metrics are pushed to, besides being there to be asked for at /metrics.
///
/// - `ALLOY_PUSH_URL` (secret, none): a receiver of Prometheus remote write, with its path:
///   `http://alloy:9999/api/v1/metrics/write`, `https://user:password@prometheus.example.com/api/v1/write`
/// - `METRICS_PUSH_INTERVAL` (15000): milliseconds between two pushes
package struct RemoteWriteConfiguration: Sendable {
    package let endpoint: WebhookEndpoint
    package let interval: Duration

    /// Nil when metrics are not pushed.
    package init?(reading values: inout ConfigurationValues) {
        let url = values.optionalSecret(
            "ALLOY_PUSH_URL", expected: "an http or https address, http://alloy:9999/api/v1/metrics/write",
            where: { WebhookEndpoint($0) != nil })
        let interval = values.int("METRICS_PUSH_INTERVAL", default: 15_000, in: 100...3_600_000)
        guard let endpoint = url.flatMap({ WebhookEndpoint($0.value) }) else { return nil }
        self.endpoint = endpoint
        self.interval = .milliseconds(interval)
    }
}
