import Common
import Logging

extension Span {
    /// What is told of a request that brings `envelope`.
    mutating func describe(_ route: String, _ envelope: Envelope) {
        set(.method, "POST")
        set(.route, .text(route))
        set(.messageID, .text(envelope.messageSID))
        set(.correlation, .text(envelope.correlationID.text))
        set(.kind, .text(envelope.kind.rawValue))
        set(.bodySize, .number(envelope.body.count))
    }
}

extension Tracer {
    /// Ends the span of a request with the status of its answer, and the cause when it was refused.
    func end(_ span: Span?, status: Int, _ cause: String? = nil) {
        guard var span else { return }
        span.set(.status, .number(status))
        if let cause { span.fail("\(status)", cause) }
        end(span)
    }
}

extension Logger.Metadata {
    /// The ids of a line about a request.
    static func about(_ correlationID: CorrelationID, _ trace: TraceParent?) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["correlation_id": "\(correlationID)"]
        metadata.add(trace)
        return metadata
    }
}
