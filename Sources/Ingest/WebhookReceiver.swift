import Common
import Logging
import NIOHTTP1

/// Answers webhooks: checks them on the connection's event loop, pushes them, and says yes once Redis has them.
final class WebhookReceiver: Sendable {
    private let gate: WebhookGate
    private let producer: QueueProducer
    private let memory: MemoryWatch
    private let metrics: WebhookMetrics
    private let refusals: RefusalLog
    private let plainPushes: PlainPushLog
    private let tracer: Tracer
    private let logger: Logger

    init(
        gate: WebhookGate, producer: QueueProducer, memory: MemoryWatch, tracer: Tracer = .off, logger: Logger
    ) {
        self.tracer = tracer
        self.gate = gate
        self.producer = producer
        self.memory = memory
        plainPushes = PlainPushLog(logger)
        self.logger = logger
        metrics = WebhookMetrics()
        refusals = RefusalLog(logger)
    }

    func add(to router: inout Router) {
        for route in WebhookRoute.allCases {
            router.onReply(.POST, route.rawValue) { self.receive(Webhook(route, $0), $1) }
        }
    }

    private func receive(_ webhook: Webhook, _ reply: HTTPReply) {
        let start = ContinuousClock.now
        var envelope: Envelope
        do throws(WebhookRefusal) { envelope = try gate.envelope(for: webhook) } catch {
            // Anyone may post what is not signed, and say that it is to be traced: that makes no span.
            return reply(refuse(webhook, error, nil, after: .now - start))
        }
        var span = tracer.begin(.webhook, .server, from: webhook.caller, at: webhook.receivedAt)
        span?.describe(webhook.route.rawValue, envelope)
        if memory.isFull { return reply(refuse(webhook, .memory, span, after: .now - start)) }
        envelope.trace = span?.context ?? webhook.caller
        FaultPoint.beforePush.reached()
        producer.accept(envelope) { [span] result in
            FaultPoint.afterPush.reached()
            reply(self.answer(webhook, result, span, after: .now - start))
        }
    }

    private func answer(
        _ webhook: Webhook, _ result: Result<QueueAcceptance, RedisError>, _ span: Span?, after time: Duration
    ) -> HTTPServerResponse {
        switch result {
        case .success(.accepted(let waiting, let withoutFunction)):
            if waiting > producer.limits.softWaiting { metrics.met(.soft) }
            if let withoutFunction { plainPushes.note(withoutFunction) }
            return accept(webhook, span, after: time)
        case .success(.throttled(let limit, let retryAfter)):
            return refuse(webhook, .throttled(limit, retryAfter: retryAfter), span, after: time)
        case .success(.full): return refuse(webhook, .full, span, after: time)
        case .failure(let error): return refuse(webhook, .queue(error), span, after: time)
        }
    }

    private func accept(_ webhook: Webhook, _ span: Span?, after time: Duration) -> HTTPServerResponse {
        metrics.answered(webhook.route, .accepted, after: time)
        tracer.end(span, status: WebhookAnswer.accepted.code)
        logger.debug("webhook accepted", metadata: .about(webhook.correlationID, span?.context ?? webhook.caller))
        return WebhookAnswer.accepted.response(webhook.correlationID)
    }

    private func refuse(
        _ webhook: Webhook, _ refusal: WebhookRefusal, _ span: Span?, after time: Duration
    ) -> HTTPServerResponse {
        metrics.answered(webhook.route, refusal.answer, after: time)
        if case .signature(let cause) = refusal { metrics.refused(cause) }
        if let limit = refusal.backpressure { metrics.met(limit) }
        refusals.note(refusal, webhook, span?.context)
        tracer.end(span, status: refusal.answer.code, refusal.cause)
        return refusal.response(webhook.correlationID)
    }
}

extension Webhook {
    /// Takes a request; of a target in absolute form, path and query.
    fileprivate convenience init(_ route: WebhookRoute, _ request: HTTPServerRequest) {
        let isOrigin = request.target.utf8.first == UInt8(ascii: "/")
        self.init(
            route: route,
            target: isOrigin ? request.target : request.path + (request.query.map { "?" + $0 } ?? ""),
            headers: request.headers, body: request.bytes, remoteAddress: request.remoteAddress,
            correlationID: request.correlationID, caller: request.trace, receivedAt: .now)
    }
}
