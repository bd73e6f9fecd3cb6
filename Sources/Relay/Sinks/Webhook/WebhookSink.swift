import Common
import CoreMetrics
import NIOHTTP1

/// Posts events to an HTTP endpoint, each as a CloudEvent signed per Standard Webhooks, one at a time of a key.
///
/// It keeps no marks: an event whose answer was lost is sent again, with the same id.
actor WebhookSink: Sink {
    /// How many requests one relay makes at once.
    static let width = 16
    /// Larger events are not sent; ours are a few hundred bytes.
    static let largestBody = 256 * 1024
    /// More of an answer is not read.
    static let largestResponse = 16 * 1024

    nonisolated let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let configuration: RelayConfiguration.Webhook
    private let source: String
    /// How long a request may take, from its beginning to the last byte of the answer's head.
    private let limit: Duration
    private let client: HTTPClient
    private let spans: PublishSpans
    private var timers: [String: CoreMetrics.Timer] = [:]

    init(
        _ configuration: RelayConfiguration.Webhook, source: String, reactor: Reactor, limit: Duration = .seconds(10),
        tracer: Tracer = .off
    ) {
        spans = PublishSpans(tracer: tracer, system: "webhook")
        self.reactor = reactor
        self.configuration = configuration
        self.source = source
        self.limit = limit
        client = HTTPClient(
            reactor: reactor, maximumConnections: Self.width,
            addresses: configuration.mayBePrivate ? .anywhere : .publicOnly)
    }

    func publish(_ batches: [ShardBatch], of log: UUID, within window: PublishWindow) async -> SinkReport {
        var schedule = WebhookSchedule(batches, width: Self.width)
        await withTaskGroup(of: (sequence: Int64, verdict: WebhookVerdict).self) { group in
            repeat {
                while window.isOpen, let event = schedule.next() {
                    group.addTask { (event.sequence, await self.deliver(event)) }
                }
                guard let (sequence, verdict) = await group.next() else { break }
                schedule.answered(sequence, verdict)
            } while true
        }
        return schedule.report
    }

    /// None are kept: an endpoint cannot be asked what it has.
    func marks(of log: UUID, shards: [Int]) async throws(SinkError) -> [Int: Int64]? { nil }

    private func deliver(_ event: LoggedEvent) async -> WebhookVerdict {
        let body = CloudEvent(event, source: source).structured
        guard body.count <= Self.largestBody else {
            let text = "the event is larger than \(Self.largestBody) bytes"
            return .refused(EventRefusal(text, isFinal: true))
        }
        let start = ContinuousClock.now
        var span = spans.begin(event)
        span?.set(.method, "POST")
        defer { spans.tracer.end(span) }
        do throws(HTTPError) {
            let response = try await client.send(request(for: event, body, span?.context))
            record(WebhookVerdict.label(status: response.status), .now - start)
            span?.set(.status, .number(response.status))
            if !(200..<300).contains(response.status) { span?.fail("\(response.status)") }
            return WebhookVerdict(
                status: response.status, retryAfter: response.headers.first(name: "retry-after"))
        } catch {
            record(WebhookVerdict.label(error), .now - start)
            span?.fail("\(error.code)")
            return WebhookVerdict(error)
        }
    }

    /// The header `traceparent` is that of this delivery where it is recorded; the event's own is its cause's, always.
    private func request(for event: LoggedEvent, _ body: [UInt8], _ trace: TraceParent?) -> HTTPRequest {
        let timestamp = Timestamp.now.seconds
        var request = HTTPRequest(.POST, configuration.endpoint.url.value, body: body)
        request.headers = [
            "content-type": CloudEvent.structuredType,
            "user-agent": "whatsapp-handler/\(Build.version)",
            "webhook-id": event.id,
            "webhook-timestamp": "\(timestamp)",
            "webhook-signature": configuration.keys.signature(id: event.id, timestamp: timestamp, body: body),
        ]
        // What is no header's value is in the body all the same; it must not make the request one that cannot be sent,
        // which would stop all events.
        let traceparent = trace?.text ?? event.traceparent
        for (name, value) in [("x-correlation-id", event.correlationID), ("traceparent", traceparent)] {
            guard let value, value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { continue }
            request.headers.add(name: name, value: value)
        }
        request.timeout = limit
        request.connectTimeout = min(.seconds(5), limit)
        request.maximumResponseBytes = Self.largestResponse
        request.needsBody = false
        return request
    }

    private func record(_ status: String, _ duration: Duration) {
        let timer =
            timers[status]
            ?? CoreMetrics.Timer(label: MetricName.outboxWebhook.rawValue, dimensions: [("status", status)])
        timers[status] = timer
        timer.record(duration: duration)
    }
}
