import Common
import TestSupport
import Testing

/// What becomes of `traceparent` at the door: webhooks and events, with tracing off and on.
@Suite struct TraceTests {
    private static let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    /// Spans that the collector was given.
    private func spans(_ collector: WebhookReceiver) -> [JSONValue] {
        collector.deliveries.flatMap { delivery -> [JSONValue] in
            guard case .array(let resources)? = JSONValue(parsing: Array(delivery.body.utf8))?["resourceSpans"],
                case .array(let scopes)? = resources.first?["scopeSpans"],
                case .array(let spans)? = scopes.first?["spans"]
            else { return [] }
            return spans
        }
    }

    /// Without a collector a caller's trace is passed on as it is, and without a trace nothing is different at all.
    @Test func aTraceIsPassedOnWhereNothingIsRecorded() async throws {
        try await withRedis { redis in
            try await RunningIngest.with(redis: redis) { ingest in
                let headers: [[(String, String)]] = [
                    [], [("traceparent", Self.caller)], [("TraceParent", "  \(Self.caller)\t")],
                    [("traceparent", Self.caller.replacing("-01", with: "-00"))],
                    [("traceparent", Self.caller), ("traceparent", Self.caller)], [("traceparent", "00-nonsense")],
                    [("traceparent", Self.caller), ("tracestate", "a=b")],
                ]
                for (number, headers) in headers.enumerated() {
                    let answer = try await ingest.post(RunningIngest.message(number + 1), headers: headers)
                    #expect(answer.status == 200)
                }
                let unsampled = Self.caller.dropLast() + "0"
                let traces = try await ingest.queued().map { $0.trace?.text }
                #expect(traces == [nil, Self.caller, Self.caller, String(unsampled), nil, nil, Self.caller])
                let raw = try await ingest.ask(RedisCommand("LRANGE", "{wa:0}:in", "0", "-1"))
                let versions = (raw.array ?? []).compactMap { $0.string?.prefix(3) }
                #expect(
                    versions == ["v1\u{1f}", "v2\u{1f}", "v2\u{1f}", "v2\u{1f}", "v1\u{1f}", "v1\u{1f}", "v2\u{1f}"])
                let lines = try ingest.logged().split(separator: "\n").filter { $0.contains("webhook accepted") }
                #expect(lines.count == 7)
                #expect(lines[1].contains(#""trace_id":"0af7651916cd43dd8448eb211c80319c""#))
                #expect(lines[1].contains(#""span_id":"b7ad6b7169203331""#) && !lines[0].contains("trace_id"))
            }
        }
    }

    /// What is recorded is a child of the caller's span, and the envelope carries it; who is not Twilio begins no span.
    @Test func webhooksAreRecorded() async throws {
        try await withWebhookReceiver { collector in
            try await withRedis { redis in
                let environment = [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(collector.port)/otlp/",
                    "OTEL_TRACES_SAMPLER_ARG": "0", "OTEL_EXPORTER_OTLP_HEADERS": "x-scope=a%20b",
                ]
                try await RunningIngest.with(redis: redis, environment) { ingest in
                    _ = try await ingest.post(
                        RunningIngest.message(1), headers: [("traceparent", Self.caller)])
                    _ = try await ingest.post(RunningIngest.message(2))
                    let forged = try await ingest.post(
                        FormParameters.encode(RunningIngest.message(3)), signature: "AAAA",
                        headers: [("traceparent", Self.caller)])
                    #expect(forged.status == 403)
                    try await until("the span has come") { spans(collector).count == 1 }
                    let span = spans(collector)[0]
                    #expect(span["name"]?.string == "webhook" && span["kind"] == .integer(2))
                    #expect(span["traceId"]?.string == "0af7651916cd43dd8448eb211c80319c")
                    #expect(span["parentSpanId"]?.string == "b7ad6b7169203331")
                    let envelopes = try await ingest.queued()
                    #expect(envelopes.map { $0.trace?.spanID.description } == [span["spanId"]?.string, nil])
                    let delivery = try #require(collector.deliveries.first)
                    #expect(delivery.path == "/otlp/v1/traces" && delivery.headers["x-scope"] == "a b")
                    #expect(delivery.headers["content-type"] == "application/json")
                    #expect(!delivery.body.contains("447700900123") && !delivery.body.contains("train"))
                }
                // What came last was pushed before the process ended, and the forged one was never recorded.
                #expect(spans(collector).count == 1)
            }
        }
    }

    /// Refusals of what is Twilio's are failures.
    @Test func aRefusalIsAFailure() async throws {
        try await withWebhookReceiver { collector in
            try await withRedis { redis in
                let environment = [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(collector.port)", "OTEL_TRACES_SAMPLER_ARG": "1",
                ]
                try await RunningIngest.with(redis: redis, environment) { ingest in
                    for number in 1...70 { _ = try await ingest.post(RunningIngest.message(number)) }
                    try await until("all have come") { spans(collector).count == 70 }
                    let failed = spans(collector).filter { $0["status"]?["code"] == .integer(2) }
                    #expect(
                        !failed.isEmpty
                            && failed.allSatisfy { $0["status"]?["message"]?.string == "throttled_allowance" })
                    #expect(spans(collector).allSatisfy { $0["parentSpanId"] == nil })
                    try await until("they are counted") {
                        try await ingest.metric(#"whatsapp_push_total{result="sent",target="traces"}"#) == 70
                    }
                    #expect(Set(spans(collector).compactMap { $0["traceId"]?.string }).count == 70)
                }
            }
        }
    }

    /// A collector that is away costs nobody anything: webhooks are answered, and the process ends in time.
    @Test func aCollectorThatIsAwayIsNoTrouble() async throws {
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(try freePort())", "OTEL_TRACES_SAMPLER_ARG": "1",
        ]
        try await withRedis { redis in
            try await RunningIngest.with(redis: redis, environment) { ingest in
                for number in 1...20 {
                    #expect(try await ingest.post(RunningIngest.message(number)).status == 200)
                }
                try await until("it is said once") { try ingest.logged().contains("pushing fails") }
                #expect(try await ingest.queued().allSatisfy { $0.trace?.isSampled == true })
            }
        }
    }
}
