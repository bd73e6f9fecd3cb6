#if Kafka
import Common

/// An event as a Kafka record: the binary content mode of CloudEvents' Kafka binding
/// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md).
///
/// The value is the payload; what is about it is in headers. The key is the aggregate's id, so that one aggregate's
/// events are in one partition of their topic. Beside the binding's headers there are those that consumers of the
/// platform this service comes from look for: `event_id`, `created_at`, `correlation_id` and `x-correlation-id`.
struct KafkaMessage: Hashable, Sendable {
    struct Header: Hashable, Sendable {
        let name: String
        let value: String
    }

    let topic: String
    let key: String
    let headers: [Header]
    let value: String

    init(_ event: LoggedEvent, source: String, topics: KafkaConfiguration.Topics) {
        topic = topics.name(forType: event.type)
        key = event.aggregateID
        value = event.payload
        var headers = CloudEvent(event, source: source).attributes.compactMap { attribute in
            // The binding's name for the key.
            attribute.name == "partitionkey"
                ? Header(name: "ce_partitionkey", value: event.aggregateID) : Self.header(attribute)
        }
        headers += [
            Header(name: "event_id", value: event.id), Header(name: "created_at", value: event.occurredAt.rfc3339),
            Header(name: "correlation_id", value: event.correlationID),
            Header(name: "x-correlation-id", value: event.correlationID),
        ]
        if let traceparent = event.traceparent { headers.append(Header(name: "traceparent", value: traceparent)) }
        self.headers = headers
    }

    /// The header that an attribute travels in.
    private static func header(_ attribute: JSONValue.Member) -> Header? {
        let name = attribute.name == "datacontenttype" ? "content-type" : "ce_" + attribute.name
        switch attribute.value {
        case .string(let text), .decimal(let text): return Header(name: name, value: text)
        case .integer(let number): return Header(name: name, value: String(number))
        case .bool(let flag): return Header(name: name, value: flag ? "true" : "false")
        case .null, .array, .object: return nil
        }
    }
}
#endif
