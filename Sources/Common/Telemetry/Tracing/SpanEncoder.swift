/// Spans as OTLP/HTTP takes them in JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding):
/// ids in hexadecimal digits, 64-bit numbers as texts, enumerations as numbers.
package struct SpanEncoder: Sendable {
    private let head: [UInt8]

    /// The process that the spans are of.
    package struct Resource: Hashable, Sendable {
        /// The service that the process is a part of (`SERVICE_NAME`).
        package var namespace: String
        /// The process: ingest, worker, relay.
        package var name: String
        package var version: String
        package var environment: String
        /// Another one in each run.
        package var instance: String

        package init(namespace: String, name: String, version: String, environment: String, instance: String) {
            self.namespace = namespace
            self.name = name
            self.version = version
            self.environment = environment
            self.instance = instance
        }
    }

    package init(_ resource: Resource) {
        let attributes = [
            ("service.namespace", resource.namespace), ("service.name", resource.name),
            ("service.version", resource.version), ("service.instance.id", resource.instance),
            ("deployment.environment.name", resource.environment), ("telemetry.sdk.name", "whatsapp-handler"),
            ("telemetry.sdk.language", "swift"), ("telemetry.sdk.version", resource.version),
        ].map { Self.attribute($0, .text($1)) }
        let scope = JSONValue.object([
            .init("name", "whatsapp-handler"), .init("version", .string(resource.version)),
        ])
        head = Array(
            (#"{"resourceSpans":[{"resource":{"attributes":"# + JSONValue.array(attributes).text
                + #"},"scopeSpans":[{"scope":"# + scope.text + #","spans":["#).utf8)
    }

    /// One span: what waits to be exported.
    package static func encoded(_ span: Span, end: Timestamp) -> [UInt8] {
        var members: [JSONValue.Member] = [
            .init("traceId", .string(span.context.traceID.description)),
            .init("spanId", .string(span.context.spanID.description)),
        ]
        if let parent = span.parent { members.append(.init("parentSpanId", .string(parent.description))) }
        members += [
            .init("flags", .integer((span.context.isSampled ? 1 : 0) | (span.context.isRandom ? 2 : 0))),
            .init("name", .string(span.name.rawValue)), .init("kind", .integer(span.kind.rawValue)),
            .init("startTimeUnixNano", .string(nanoseconds(span.start))),
            .init("endTimeUnixNano", .string(nanoseconds(end))),
            .init("attributes", .array(span.attributes.map { attribute($0.rawValue, $1) })),
        ]
        if let failure = span.failure {
            var status: [JSONValue.Member] = [.init("code", 2)]
            if !failure.isEmpty { status.insert(.init("message", .string(failure)), at: 0) }
            members.append(.init("status", .object(status)))
        }
        var bytes: [UInt8] = []
        JSONValue.object(members).append(to: &bytes)
        return bytes
    }

    /// A request's body with so many spans.
    package func body(_ spans: [[UInt8]]) -> [UInt8] {
        var bytes = head
        bytes.reserveCapacity(head.count + spans.reduce(8) { $0 + $1.count + 1 })
        for (index, span) in spans.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += span
        }
        bytes += Array("]}]}]}".utf8)
        return bytes
    }

    private static func attribute(_ name: String, _ value: SpanValue) -> JSONValue {
        let value: JSONValue.Member =
            switch value {
            case .text(let text): .init("stringValue", .string(text))
            case .number(let number): .init("intValue", .string(String(number)))
            }
        return .object([.init("key", .string(name)), .init("value", .object([value]))])
    }

    private static func nanoseconds(_ time: Timestamp) -> String { "\(time.microseconds)000" }
}
