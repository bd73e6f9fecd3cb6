import Common
import NIOHTTP1
import Testing

@Suite struct SpanEncoderTests {
    private let encoder = SpanEncoder(
        .init(
            namespace: "whatsapp-handler", name: "ingest", version: "1.0", environment: "test", instance: "i \"1\""))

    /// As https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding has it, to the byte.
    @Test func aSpanIsWrittenAsTheProtocolSays() throws {
        let caller = try #require(TraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03"))
        let context = TraceParent(
            traceID: caller.traceID, spanID: try #require(SpanID(0x00F0_67AA_0BA9_02B7)), isSampled: true)
        let start = Timestamp(microseconds: 1_700_000_000_000_001)
        var span = Span(.webhook, .server, context: context, parent: caller.spanID, start: start)
        span.set(.method, "POST")
        span.set(.status, 503)
        span.fail("503", "queue \"full\"")
        let text = String(decoding: SpanEncoder.encoded(span, end: start + .milliseconds(2)), as: UTF8.self)
        #expect(
            text == #"{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7","#
                + #""parentSpanId":"b7ad6b7169203331","flags":1,"name":"webhook","kind":2,"#
                + #""startTimeUnixNano":"1700000000000001000","endTimeUnixNano":"1700000000002001000","#
                + #""attributes":[{"key":"http.request.method","value":{"stringValue":"POST"}},"#
                + #"{"key":"http.response.status_code","value":{"intValue":"503"}},"#
                + #"{"key":"error.type","value":{"stringValue":"503"}}],"#
                + #""status":{"message":"queue \"full\"","code":2}}"#)
    }

    @Test func aRootHasNoParentAndSuccessNoStatus() throws {
        let context = TraceParent(
            traceID: try #require(TraceID(high: 1, low: 2)), spanID: try #require(SpanID(3)), isSampled: true,
            isRandom: true)
        let bytes = SpanEncoder.encoded(Span(.claim, .consumer, context: context, parent: nil), end: .now)
        let span = try #require(JSONValue(parsing: bytes))
        #expect(span["parentSpanId"] == nil && span["status"] == nil)
        #expect(span["flags"] == .integer(3) && span["kind"] == .integer(5))
    }

    @Test(arguments: [0, 1, 3])
    func aRequestHoldsItsSpans(count: Int) throws {
        let spans = (0..<count).map { Array(#"{"n":\#($0)}"#.utf8) }
        let body = try #require(JSONValue(parsing: encoder.body(spans)))
        guard case .array(let resources)? = body["resourceSpans"],
            case .array(let scopes)? = resources[0]["scopeSpans"],
            case .array(let written)? = scopes[0]["spans"],
            case .array(let attributes)? = resources[0]["resource"]?["attributes"]
        else {
            Issue.record("\(body)")
            return
        }
        #expect(resources.count == 1 && scopes.count == 1 && scopes[0]["scope"]?["name"]?.string == "whatsapp-handler")
        #expect(written.compactMap { $0["n"] } == (0..<count).map { .integer($0) })
        let told = Dictionary(
            attributes.map { ($0["key"]?.string ?? "", $0["value"]?["stringValue"]?.string ?? "") }
        ) { $1 }
        #expect(told["service.name"] == "ingest" && told["service.namespace"] == "whatsapp-handler")
        #expect(told["service.instance.id"] == "i \"1\"" && told["deployment.environment.name"] == "test")
    }

    /// Names are unique, and those that are not of the conventions say so.
    @Test func attributesAreNamedByTheConventions() {
        let names = SpanAttribute.allCases.map(\.rawValue)
        let spaces = ["http.", "server.", "url.", "messaging.", "db.", "error.", "whatsapp."]
        #expect(names.allSatisfy { name in spaces.contains { name.hasPrefix($0) } })
    }

    @Test(
        arguments: [
            ("api-key=abc", ["api-key": "abc"]), (" a = b , c=d ", ["a": "b", "c": "d"]), ("", [:]),
            ("authorization=Basic%20dTpw", ["authorization": "Basic dTpw"]), ("a=b=c", ["a": "b=c"]), ("a=", ["a": ""]),
            ("a=1,a=2", ["a": "2"]),
        ])
    func headersAreRead(text: String, expected: [String: String]) throws {
        var headers = HTTPHeaders()
        try #require(OTLPHeaders(text)).add(to: &headers)
        #expect(Dictionary(headers.map { ($0.name, $0.value) }) { $1 } == expected)
        #expect(!"\(try #require(OTLPHeaders(text)))".contains("dTpw"), "they are secret")
    }

    @Test(arguments: ["a", "=b", "a b=c", "a=%4", "a=%zz", "a=%0A", "a:b=c", "a=\u{e9}", ",a"])
    func whatIsNoListOfHeadersIsRefused(text: String) { #expect(OTLPHeaders(text) == nil) }

    @Test func theEnvironmentIsRead() throws {
        func read(_ environment: [String: String]) -> (TracingConfiguration, ConfigurationValues) {
            var values = ConfigurationValues(environment: environment)
            return (TracingConfiguration(reading: &values), values)
        }
        let (none, _) = read([:])
        #expect(none.endpoint == nil && none.ratio == 0.1)
        let (all, values) = read([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://tempo.example.com/otlp/", "OTEL_TRACES_SAMPLER_ARG": "1",
            "OTEL_EXPORTER_OTLP_HEADERS": "a=b",
        ])
        try values.check()
        #expect(all.endpoint?.text == "https://tempo.example.com/otlp" && all.ratio == 1)
        for (name, value) in [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "tempo:4318"), ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
            ("OTEL_TRACES_SAMPLER_ARG", "nan"), ("OTEL_TRACES_SAMPLER_ARG", "half"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "secretive"),
        ] {
            let problem = #expect(throws: ConfigurationProblems.self) { try read([name: value]).1.check() }
            #expect("\(problem.map { "\($0)" } ?? "")".contains(name))
            #expect(!"\(problem.map { "\($0)" } ?? "")".contains("secretive"))
        }
    }
}
