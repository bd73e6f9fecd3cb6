import Common
import CoreMetrics
import Logging
import NIOHTTP1

/// Answers events of other services: checks them, pushes them, and says yes once Redis has them.
final class EventReceiver: Sendable {
    static let path = "/events"

    private let gate: EventGate
    private let producer: QueueProducer
    private let memory: MemoryWatch
    private let tracer: Tracer
    private let refusals: RefusalLog
    private let requests: [EventAnswer: Counter]
    private let failures: [StandardWebhookRefusal: Counter]
    private let received = Counter(
        label: MetricName.messagesReceived.rawValue, dimensions: [("kind", Envelope.Kind.event.rawValue)])
    private let duration = Timer(label: MetricName.webhookDuration.rawValue)

    init(
        keys: StandardWebhookKeys, producer: QueueProducer, memory: MemoryWatch, tracer: Tracer = .off, logger: Logger
    ) {
        self.tracer = tracer
        gate = EventGate(keys: keys)
        self.producer = producer
        self.memory = memory
        refusals = RefusalLog(logger)
        requests = Dictionary(
            uniqueKeysWithValues: EventAnswer.allCases.map { answer in
                let labels = [("route", Self.path), ("status", "\(answer.status.code)")]
                return (answer, Counter(label: MetricName.webhookRequests.rawValue, dimensions: labels))
            })
        failures = Dictionary(
            uniqueKeysWithValues: StandardWebhookRefusal.allCases.map { refusal in
                let labels = [("cause", refusal.rawValue)]
                return (refusal, Counter(label: MetricName.signatureFailures.rawValue, dimensions: labels))
            })
    }

    func add(to router: inout Router) {
        router.onReply(.POST, Self.path) { self.receive($0, $1) }
    }

    private func receive(_ request: HTTPServerRequest, _ reply: HTTPReply) {
        let start = ContinuousClock.now
        var envelope: Envelope
        do throws(EventRefusal) {
            envelope = try gate.envelope(request.headers, request.bytes, receivedAt: .now, request.correlationID)
        } catch {
            return reply(answer(error, request, nil, after: .now - start))
        }
        var span = tracer.begin(.webhook, .server, from: request.trace, at: envelope.receivedAt)
        span?.describe(Self.path, envelope)
        if memory.isFull { return reply(answer(.memory, request, span, after: .now - start)) }
        envelope.trace = span?.context ?? request.trace
        producer.accept(envelope) { [span] result in
            let refusal: EventRefusal? =
                switch result {
                case .success(.accepted): nil
                case .success(.throttled(_, let retryAfter)): .throttled(retryAfter: retryAfter)
                case .success(.full): .full
                case .failure(let error): .queue(error)
                }
            reply(self.answer(refusal, request, span, after: .now - start))
        }
    }

    private func answer(
        _ refusal: EventRefusal?, _ request: HTTPServerRequest, _ span: Span?, after time: Duration
    ) -> HTTPServerResponse {
        let correlationID = request.correlationID
        let answer = refusal?.answer ?? .accepted
        requests[answer]?.increment()
        duration.recordNanoseconds(time.wholeMicroseconds * 1000)
        tracer.end(span, status: Int(answer.status.code), refusal?.cause)
        guard let refusal else {
            received.increment()
            return answer.response(correlationID)
        }
        if case .signature(let cause) = refusal { failures[cause]?.increment() }
        refusals.note(
            refusal.cause, route: Self.path, status: Int(answer.status.code), correlationID,
            span?.context ?? request.trace)
        return refusal.response(correlationID)
    }
}
