import Common
import TestSupport
import Testing

@testable import Relay

/// The sink alone, with a real server on the other side.
@Suite struct WebhookSinkTests {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let previous = "whsec_" + [UInt8](repeating: 9, count: 32).base64
    private let log = UUID.random()

    private func withSink<R: Sendable>(
        to url: String, limit: Duration = .seconds(10), mayBePrivate: Bool = true,
        _ body: (WebhookSink) async throws -> R
    ) async throws -> R {
        let reactor = Reactor(name: "sink")
        defer { reactor.stop() }
        let endpoint = try #require(WebhookEndpoint(url))
        let keys = try #require(StandardWebhookKeys("\(Self.secret) \(Self.previous)"))
        let webhook = RelayConfiguration.Webhook(endpoint: endpoint, keys: keys, mayBePrivate: mayBePrivate)
        return try await body(
            WebhookSink(webhook, source: "whatsapp-handler", reactor: reactor, limit: limit))
    }

    private func publish(_ batches: [ShardBatch], to sink: WebhookSink) async -> SinkReport {
        await sink.publish(batches, of: log, within: PublishWindow(.seconds(5)))
    }

    @Test func anEventIsASignedCloudEvent() async throws {
        try await withWebhookReceiver { receiver in
            try await withSink(to: receiver.url + "?key=1") { sink in
                let report = await publish([WebhookSamples.batch(["u1"])], to: sink)
                #expect(report.failure == nil && report.answers == [0: .taken(count: 1)])
            }
            let delivery = try #require(receiver.deliveries.first)
            #expect(delivery.path == "/hook?key=1")
            #expect(delivery.headers["content-type"] == "application/cloudevents+json")
            #expect(delivery.headers["user-agent"] == "whatsapp-handler/\(Build.version)")
            #expect(delivery.headers["x-correlation-id"] == "c-1")
            #expect(delivery.id == "event-1")
            let body = try #require(JSONValue(parsing: Array(delivery.body.utf8)))
            #expect(body["id"] == "event-1" && body["subject"] == "u1" && body["specversion"] == "1.0")
            #expect(body["data"] == .object([.init("a", 1)]))
            // Whoever knows one of the secrets is content.
            #expect(delivery.headers["webhook-signature"]?.split(separator: " ").count == 2)
            for secret in [Self.secret, Self.previous] {
                let keys = try #require(StandardWebhookKeys(secret))
                #expect(
                    keys.refusal(
                        id: delivery.id, timestamp: delivery.headers["webhook-timestamp"],
                        signature: delivery.headers["webhook-signature"], body: Array(delivery.body.utf8), now: .now)
                        == nil)
            }
        }
    }

    /// A text that cannot be a header stays in the body, and stops nothing.
    @Test(arguments: ["00-a-b-01", "a\r\nx-evil: 1", "é", ""])
    func whatIsNoHeaderIsLeftOut(traceparent: String) async throws {
        try await withWebhookReceiver { receiver in
            try await withSink(to: receiver.url) { sink in
                var batch = WebhookSamples.batch(["a"])
                batch.events[0] = WebhookSamples.event(1, key: "a", traceparent: traceparent)
                let report = await publish([batch], to: sink)
                #expect(report.answers == [0: .taken(count: 1)] && report.failure == nil)
            }
            let delivery = try #require(receiver.deliveries.first)
            #expect(delivery.headers["x-evil"] == nil)
            #expect(
                delivery.headers["traceparent"]
                    == (traceparent == "00-a-b-01" ? traceparent : traceparent.isEmpty ? "" : nil))
            #expect(member(delivery, "traceparent") == traceparent)
        }
    }

    /// The vector of the specification.
    @Test func theVectorOfTheSpecification() throws {
        let keys = try #require(StandardWebhookKeys(Self.secret))
        let signature = keys.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    /// Many keys at once, sixteen at most; one of a key, in order.
    @Test func keysGoTogetherAndEachInOrder() async throws {
        try await withWebhookReceiver(pause: .milliseconds(20)) { receiver in
            try await withSink(to: receiver.url) { sink in
                let batches = (0..<3).map { shard in
                    WebhookSamples.batch(
                        (0..<60).map { "k\(shard)-\($0 % 12)" }, first: Int64(shard * 100 + 1), shard: shard)
                }
                let report = await publish(batches, to: sink)
                #expect(report.failure == nil)
                #expect(report.answers == [0: .taken(count: 60), 1: .taken(count: 60), 2: .taken(count: 60)])
            }
            #expect(receiver.busiest <= WebhookSink.width)
            #expect(receiver.busiest > 4)
            #expect(receiver.overlaps == [])
            let sequences = Dictionary(grouping: receiver.deliveries, by: { member($0, "subject") })
            #expect(sequences.count == 36)
            for (subject, deliveries) in sequences {
                let order = deliveries.map { member($0, "sequence") }
                #expect(order == order.sorted() && order.count == 5, "\(subject)")
            }
        }
    }

    @Test func aRefusedEventHoldsBackItsKeyOnly() async throws {
        try await withWebhookReceiver { receiver in
            receiver.answer { $0.id == "event-1" ? .status(500) : .status(204) }
            try await withSink(to: receiver.url) { sink in
                let report = await publish([WebhookSamples.batch(["a", "a", "b"])], to: sink)
                #expect(report.failure == nil)
                #expect(
                    report.answers
                        == [0: .partly(taken: [3], refused: [1: EventRefusal(status: 500, "answered 500")])])
            }
            #expect(Set(receiver.deliveries.map(\.id)) == ["event-1", "event-3"])
        }
    }

    @Test func whoAsksToBeLeftAloneIsReportedSo() async throws {
        try await withWebhookReceiver { receiver in
            receiver.answer { _ in .status(429, headers: ["Retry-After: 1"]) }
            try await withSink(to: receiver.url) { sink in
                let batch = WebhookSamples.batch(["a"])
                let first = await publish([batch], to: sink)
                #expect(first.failure?.code == .unavailable && first.failure?.retryAfter == .seconds(1))
            }
            #expect(receiver.deliveries.count == 1)
        }
    }

    @Test(
        arguments: [
            (.status(301, headers: ["Location: /elsewhere"]), .unavailable), (.status(503), .unavailable),
            (.hang, .unavailable), (.close, .unavailable), (.status(410), .disabled),
        ] as [(WebhookReceiver.Answer, SinkError.Code)])
    func whatConcernsAllEventsStopsTheSink(answer: WebhookReceiver.Answer, code: SinkError.Code) async throws {
        try await withWebhookReceiver { receiver in
            receiver.answer { _ in answer }
            try await withSink(to: receiver.url, limit: .milliseconds(400)) { sink in
                let report = await publish([WebhookSamples.batch(["a", "a"])], to: sink)
                #expect(report.failure?.code == code)
                #expect(report.answers == [0: .partly(taken: [], refused: [:])])
            }
            #expect(receiver.deliveries.map(\.path) == ["/hook"])
        }
    }

    @Test func anAnswerWithoutEndIsAnAnswer() async throws {
        try await withWebhookReceiver { receiver in
            receiver.answer { _ in .endless }
            try await withSink(to: receiver.url) { sink in
                let report = await publish([WebhookSamples.batch(["a"])], to: sink)
                #expect(report.answers == [0: .taken(count: 1)])
            }
        }
    }

    @Test func anEventThatIsTooLargeIsGivenUp() async throws {
        try await withWebhookReceiver { receiver in
            try await withSink(to: receiver.url) { sink in
                let long = #"{"a":"\#(String(repeating: "x", count: WebhookSink.largestBody))"}"#
                var batch = WebhookSamples.batch(["a", "b"])
                batch.events[0] = WebhookSamples.event(1, key: "a", payload: long)
                let report = await publish([batch], to: sink)
                guard case .partly(taken: [2], let refused) = report.answers[0] else {
                    Issue.record("\(report)")
                    return
                }
                #expect(refused[1]?.isFinal == true && refused[1]?.status == nil)
            }
            #expect(receiver.deliveries.map(\.id) == ["event-2"])
        }
    }

    @Test func aClosedWindowBeginsNothing() async throws {
        try await withWebhookReceiver { receiver in
            try await withSink(to: receiver.url) { sink in
                let window = PublishWindow(.seconds(5))
                window.close()
                let report = await sink.publish([WebhookSamples.batch(["a"])], of: log, within: window)
                #expect(report.answers == [0: .partly(taken: [], refused: [:])])
            }
            #expect(receiver.deliveries.isEmpty)
        }
    }

    /// Nothing is said to who has no certificate that is trusted.
    @Test func withoutTrustNothingIsPosted() async throws {
        let listener = try RawListener()
        try await withSink(to: "https://localhost:\(listener.port)/", limit: .seconds(5)) { sink in
            async let report = publish([WebhookSamples.batch(["a"])], to: sink)
            let connection = try await listener.accept()
            _ = try await connection.receive { !$0.isEmpty }
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            let failure = await report.failure
            #expect(failure?.description.contains("TLS failed") == true, "\(String(describing: failure))")
        }
    }

    /// In production nobody of this machine or its network is called, and the reason says what to do.
    @Test(arguments: ["127.0.0.1", "localhost"])
    func aPrivateEndpointIsRefusedInProduction(host: String) async throws {
        try await withWebhookReceiver { receiver in
            try await withSink(to: "http://\(host):\(receiver.port)/token", mayBePrivate: false) { sink in
                let report = await publish([WebhookSamples.batch(["a"])], to: sink)
                let text = "\(report.failure.map { "\($0)" } ?? "")"
                #expect(text.contains("private") && text.contains("RELAY_WEBHOOK_URL") && !text.contains("token"))
            }
            #expect(receiver.deliveries.isEmpty)
        }
    }

}

/// An attribute of the CloudEvent that was delivered.
func member(_ delivery: WebhookReceiver.Delivery, _ name: String) -> String {
    JSONValue(parsing: Array(delivery.body.utf8))?[name]?.string ?? ""
}
