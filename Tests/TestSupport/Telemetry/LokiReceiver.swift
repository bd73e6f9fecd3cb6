package import Common

/// What Loki would have been given: the requests that a `WebhookReceiver` took, read as its push API defines them.
package struct LokiReceiver: Sendable {
    /// A line as Loki would store it.
    package struct Line: Hashable, Sendable {
        package let labels: [String: String]
        package let nanoseconds: Int64
        package let text: String

        /// The line's own JSON object.
        package var object: JSONValue? { JSONValue(parsing: Array(text.utf8)) }
        package var message: String { object?["message"]?.string ?? "" }
    }

    private let receiver: WebhookReceiver
    /// What `LOKI_HOST` is to be.
    package var host: String { "http://127.0.0.1:\(receiver.port)" }

    package init(_ receiver: WebhookReceiver) { self.receiver = receiver }

    /// All lines of the requests that came, in the order of requests, streams and entries.
    ///
    /// A request that is none of the push API, as Loki would see it, throws.
    package func lines() throws -> [Line] { try receiver.deliveries.flatMap(Self.read) }

    private static func read(_ delivery: WebhookReceiver.Delivery) throws -> [Line] {
        guard delivery.path == "/loki/api/v1/push" else { throw HarnessError("posted to \(delivery.path)") }
        guard delivery.headers["content-type"] == "application/json" else { throw HarnessError("not said to be JSON") }
        guard case .array(let streams)? = JSONValue(parsing: Array(delivery.body.utf8))?["streams"] else {
            throw HarnessError("no streams: \(delivery.body.prefix(200))")
        }
        return try streams.flatMap { stream -> [Line] in
            guard case .object(let labels)? = stream["stream"], case .array(let values)? = stream["values"] else {
                throw HarnessError("no stream: \(stream)")
            }
            let pairs = labels.map { ($0.name, $0.value.string ?? "") }
            return try values.map { value in
                guard case .array(let pair) = value, pair.count == 2, let time = pair[0].string.flatMap({ Int64($0) }),
                    let text = pair[1].string
                else { throw HarnessError("no entry: \(value)") }
                return Line(
                    labels: Dictionary(pairs, uniquingKeysWith: { $1 }), nanoseconds: time, text: text)
            }
        }
    }
}
