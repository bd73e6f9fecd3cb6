package import Logging
import NIOHTTP1

/// Brings recorded spans to a collector, by OTLP/HTTP in JSON.
package enum TraceExport {
    /// What waits: a span has about 700 bytes.
    private static let limits = PushLimits(
        count: 2000, bytes: 2 * 1024 * 1024, batchCount: 500, batchBytes: 512 * 1024, linger: .seconds(1))

    /// Makes the tracer and what posts its spans; nil without an endpoint.
    ///
    /// Metrics must be bootstrapped, as what is pushed is counted.
    package static func make(
        _ configuration: TracingConfiguration, _ resource: SpanEncoder.Resource, reactor: Reactor, logger: Logger
    ) -> (tracer: Tracer, pushing: any Pushing)? {
        guard let endpoint = configuration.endpoint else { return nil }
        let buffer = PushBuffer<[UInt8]>(.traces, limits: limits)
        let encoder = SpanEncoder(resource)
        let tracer = Tracer(ratio: configuration.ratio) { span, end in
            let bytes = SpanEncoder.encoded(span, end: end)
            buffer.add(bytes, bytes: bytes.count)
        }
        let service = PushService(buffer, reactor: reactor, logger: logger) { spans in
            var request = HTTPRequest(.POST, endpoint.text + "/v1/traces", body: encoder.body(spans))
            request.headers.add(name: "Content-Type", value: "application/json")
            configuration.headers.add(to: &request.headers)
            return request
        }
        return (tracer, service)
    }
}
