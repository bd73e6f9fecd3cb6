import Common

/// Records the publishing of events as spans of the traces that caused them.
struct PublishSpans: Sendable {
    var tracer = Tracer.off
    /// What it is published with: redis, kafka, webhook.
    var system = ""
    /// Where: a stream's name; empty where each event has its own.
    var destination = ""

    static let off = PublishSpans()

    /// Begins the span of one event; nil when its trace is not recorded.
    func begin(_ event: LoggedEvent, at start: Timestamp? = nil) -> Span? {
        guard tracer.isOn, var span = tracer.child(.publish, .producer, of: event.trace, at: start) else { return nil }
        span.set(.messagingSystem, .text(system))
        span.set(.messagingOperation, "publish")
        span.set(.messagingOperationType, "send")
        if !destination.isEmpty { span.set(.destination, .text(destination)) }
        span.set(.messageID, .text(event.id))
        span.set(.correlation, .text(event.correlationID))
        span.set(.eventType, .text(event.type))
        return span
    }

    /// Records what became of batches that were published together since `start`; of what was not tried, nothing.
    func record(_ batches: [ShardBatch], _ report: SinkReport, since start: Timestamp) {
        guard tracer.isOn else { return }
        for batch in batches {
            let answer = report.answers[batch.held.shard]
            for event in batch.events {
                let fate = Fate(event, answer, report.failure)
                guard fate != .notTried, var span = begin(event, at: start) else { continue }
                if fate != .taken { span.fail(fate.rawValue) }
                tracer.end(span)
            }
        }
    }

    /// What became of an event; raw values are the spans' `error.type`.
    private enum Fate: String {
        case taken, refused, unavailable
        case notTried = "not_tried"

        init(_ event: LoggedEvent, _ answer: SinkAnswer?, _ failure: SinkError?) {
            switch answer {
            case .taken: self = .taken
            case .outOfStep: self = .notTried
            case .partly(let taken, _) where taken.contains(event.sequence): self = .taken
            case .partly(_, let refused) where refused[event.sequence] != nil: self = .refused
            case .partly, nil: self = failure == nil ? .notTried : .unavailable
            }
        }
    }
}
