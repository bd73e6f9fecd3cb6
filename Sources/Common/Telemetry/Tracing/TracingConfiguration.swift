/// Where spans go, and how many traces are recorded.
///
/// - `OTEL_EXPORTER_OTLP_ENDPOINT` (none): a collector that takes OTLP/HTTP in JSON; spans go to `/v1/traces` below it.
///   Without one nothing is recorded, and traces of callers are only passed on
/// - `OTEL_EXPORTER_OTLP_HEADERS` (secret): `name=value` pairs separated by commas, values percent-encoded
/// - `OTEL_TRACES_SAMPLER_ARG` (0.1): which part of the traces that begin here is recorded, from 0 to 1
package struct TracingConfiguration: Sendable {
    package let endpoint: WebAddress?
    package let headers: OTLPHeaders
    package let ratio: Double

    package init(reading values: inout ConfigurationValues) {
        endpoint = values.optional("OTEL_EXPORTER_OTLP_ENDPOINT", expected: "an http or https address") {
            WebAddress($0)
        }
        let text = values.optionalSecret(
            "OTEL_EXPORTER_OTLP_HEADERS", expected: "name=value pairs separated by commas, values percent-encoded",
            where: { OTLPHeaders($0) != nil })
        headers = text.flatMap { OTLPHeaders($0.value) } ?? OTLPHeaders()
        ratio =
            values.optional("OTEL_TRACES_SAMPLER_ARG", expected: "a number from 0 to 1") { text in
                Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
            } ?? 0.1
    }
}
