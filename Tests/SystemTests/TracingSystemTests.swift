import Common
import Glibc
import TestSupport
import Testing

/// One message is one trace, from the webhook to what is published, through the built processes.
@Suite(.serialized) struct TracingSystemTests {
    private static let phone = "+447700900718"
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let caller = "00-\(trace)-b7ad6b7169203331-01"
    private static let secret = "whsec_" + [UInt8](repeating: 7, count: 32).base64

    private struct Recorded {
        let service, name, kind, trace, id, parent, status, attributes: String
        let start, end: Int64

        init(_ row: Substring) throws {
            let fields = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == 10)
            (service, name, kind, trace) = (fields[0], fields[1], fields[2], fields[3])
            (id, parent, status, attributes) = (fields[4], fields[5], fields[8], fields[9])
            (start, end) = (Int64(fields[6]) ?? 0, Int64(fields[7]) ?? 0)
        }
    }

    private func sid(_ number: Int) -> String { "SM" + String(repeating: "0", count: 31) + "\(number)" }

    /// Takes messages as Twilio's interface does, and gives each a SID of its own.
    ///
    /// The first `refused` calls are turned away.
    private func playTwilio(_ twilio: WebhookReceiver, refusing refused: Int) {
        let count = Locked(0)
        twilio.answer { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number <= refused {
                return .status(429, headers: ["Retry-After: 1"], body: #"{"code":20429}"#)
            }
            let sid = "SM" + String(repeating: "f", count: 30) + "\(number + 10)"
            return .status(
                201, headers: ["Content-Type: application/json"], body: #"{"sid":"\#(sid)","status":"queued"}"#)
        }
    }

    private func withProcesses(
        _ variables: [String: String], refusing refused: Int = 0,
        _ body: (Product, _ twilio: WebhookReceiver, _ hook: WebhookReceiver) async throws -> Void,
        after: (Product) async throws -> Void
    ) async throws {
        try await withProduct { product in
            try await withWebhookReceiver { twilio in
                playTwilio(twilio, refusing: refused)
                try await withWebhookReceiver { hook in
                    let all = [
                        "TWILIO_API_BASE_URL": "http://127.0.0.1:\(twilio.port)", "LOG_LEVEL": "debug",
                        "RELAY_SINKS": "redis,webhook", "RELAY_WEBHOOK_URL": hook.url,
                        "RELAY_WEBHOOK_SECRET": Self.secret, "BACKFILL_INTERVAL_SECONDS": "0",
                    ].merging(variables) { $1 }
                    var processes: [ServerProcess] = []
                    for program in [Product.Program.ingest, .worker, .relay] {
                        processes.append(try await product.start(program, all))
                    }
                    try await body(product, twilio, hook)
                    for process in processes.reversed() { try await process.stop(SIGTERM) }
                    try await after(product)
                }
            }
        }
    }

    /// Writes first with the caller's trace, and then without one.
    private func talk(_ product: Product, _ twilio: WebhookReceiver, _ hook: WebhookReceiver) async throws {
        #expect(
            try await product.say("hi", sid: sid(1), from: Self.phone, headers: [("traceparent", Self.caller)]) == 200)
        try await until("the welcome is sent", within: .seconds(30)) { twilio.deliveries.count >= 1 }
        try await until("an event of it is published", within: .seconds(30)) {
            try await product.events().contains { $0["data"]?.contains(sid(1)) == true }
        }
        try await until("to the webhook too", within: .seconds(30)) {
            hook.deliveries.contains { $0.body.contains(sid(1)) }
        }
        #expect(try await product.say("YES", sid: sid(2), from: Self.phone) == 200)
        try await until("chat and code are sent", within: .seconds(30)) { twilio.deliveries.count >= 3 }
    }

    @Test(.timeLimit(.minutes(3)))
    func oneMessageIsOneTrace() async throws {
        try await withWebhookReceiver { collector in
            let variables = [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(collector.port)", "OTEL_TRACES_SAMPLER_ARG": "0",
            ]
            try await withProcesses(variables) { product, twilio, hook in
                try await talk(product, twilio, hook)
                let asked = twilio.deliveries
                // Calls to Twilio say on whose behalf they are made; the second message had no trace.
                #expect(asked[0].headers["traceparent"]?.contains(Self.trace) == true)
                #expect(asked[0].headers["x-correlation-id"]?.isEmpty == false)
                #expect(asked.dropFirst().allSatisfy { $0.headers["traceparent"] == nil })
                #expect(Set(asked.dropFirst().compactMap { $0.headers["x-correlation-id"] }).count == 1)
                let posted = try #require(hook.deliveries.first { $0.body.contains(sid(1)) })
                #expect(posted.headers["traceparent"]?.contains(Self.trace) == true)
                #expect(posted.headers["x-correlation-id"]?.isEmpty == false)
            } after: { product in
                // What was recorded last is pushed before a process ends.
                let spans = try await PythonProgram.checkSpans(collector.deliveries.map(\.body)).map {
                    try Recorded($0)
                }
                try tree(spans)
                try entriesName(spans, try await product.events())
                try linesName(spans, product)
                let all = collector.deliveries.map(\.body).joined()
                #expect(!all.contains("7700900718") && !all.contains("YES") && !all.contains("Ada"))
            }
        }
    }

    /// webhook -> claim, handle; handle -> commit, send, publish (stream and webhook).
    private func tree(_ spans: [Recorded]) throws {
        #expect(Set(spans.map(\.trace)) == [Self.trace], "the second message is not recorded")
        func all(_ name: String) -> [Recorded] { spans.filter { $0.name == name } }
        func one(_ name: String) throws -> Recorded {
            let found = all(name)
            try #require(found.count == 1, "\(name): \(found.count)")
            return found[0]
        }
        let (webhook, claim, handle, commit) = (
            try one("webhook"), try one("claim"), try one("handle"), try one("commit")
        )
        #expect(webhook.parent == "b7ad6b7169203331" && webhook.service == "ingest" && webhook.kind == "server")
        #expect(claim.parent == webhook.id && claim.service == "worker" && claim.kind == "consumer")
        #expect(handle.parent == webhook.id && handle.kind == "consumer")
        #expect(commit.parent == handle.id && commit.kind == "client")
        let send = try one("send")
        #expect(send.parent == handle.id && send.kind == "client")
        let published = all("publish")
        #expect(published.allSatisfy { $0.parent == handle.id && $0.service == "relay" && $0.kind == "producer" })
        #expect(published.contains { $0.attributes.contains(#""messaging.system": "redis""#) })
        #expect(published.contains { $0.attributes.contains(#""messaging.system": "webhook""#) })
        #expect(spans.count == 5 + published.count && spans.allSatisfy { $0.status == "unset" })
        // One after the other, by clocks of one machine.
        #expect(webhook.start <= claim.start && claim.start <= handle.start && claim.end <= handle.end)
        #expect(handle.start <= commit.start && commit.end <= send.start && send.end <= handle.end)
        #expect(published.allSatisfy { $0.start >= commit.start })
        #expect(webhook.attributes.contains(#""http.response.status_code": "#))
        #expect(send.attributes.contains(#""http.response.status_code": 201"#))
        for span in [webhook, claim, handle] { #expect(span.attributes.contains(sid(1)), "\(span.attributes)") }
    }

    /// The stream's entries carry the span that caused them.
    private func entriesName(_ spans: [Recorded], _ events: [[String: String]]) throws {
        let handle = spans.first { $0.name == "handle" }?.id ?? ""
        let caused = events.filter { $0["data"]?.contains(sid(1)) == true }
        #expect(!caused.isEmpty && caused.allSatisfy { $0["traceparent"] == "00-\(Self.trace)-\(handle)-01" })
    }

    private func linesName(_ spans: [Recorded], _ product: Product) throws {
        let ids = Set(spans.map(\.id))
        for (program, message) in [(Product.Program.ingest, "webhook accepted"), (.worker, "handled a message")] {
            let lines = textOfFile(product.log(program)).split(separator: "\n")
                .compactMap { JSONValue(parsing: Array($0.utf8)) }.filter { $0["message"]?.string == message }
            let traced = lines.filter { $0["trace_id"]?.string == Self.trace }
            #expect(lines.count == 2 && traced.count == 1, "\(program.rawValue): \(lines)")
            #expect(traced.allSatisfy { ids.contains($0["span_id"]?.string ?? "") })
            #expect(lines.filter { $0["trace_id"] != nil }.count == 1)
        }
    }

    /// An attempt that Twilio turned away is a failure in the same trace, which shows that there were two.
    @Test(.timeLimit(.minutes(3)))
    func anAttemptThatIsTurnedAwayIsAFailure() async throws {
        try await withWebhookReceiver { collector in
            let variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(collector.port)"]
            try await withProcesses(variables, refusing: 1) { product, twilio, _ in
                try await product.say("hi", sid: sid(1), from: Self.phone, headers: [("traceparent", Self.caller)])
                try await until("it is sent again", within: .seconds(60)) { twilio.deliveries.count >= 2 }
                try await until("it is answered", within: .seconds(30)) {
                    textOfFile(product.log(.worker)).contains("handled a message")
                }
            } after: { _ in
                let spans = try await PythonProgram.checkSpans(collector.deliveries.map(\.body))
                    .map { try Recorded($0) }.filter { $0.trace == Self.trace }
                let sends = spans.filter { $0.name == "send" }
                #expect(sends.map(\.status) == ["error", "unset"])
                #expect(sends.first?.attributes.contains(#""error.type": "429""#) == true)
                let handles = spans.filter { $0.name == "handle" }
                #expect(Set(sends.map(\.parent)) == Set(handles.map(\.id)) && handles.count == 2)
                #expect(spans.filter { $0.name == "commit" }.count == 1)
                #expect(handles.map { $0.attributes.contains(#""whatsapp.outcome": "pause""#) } == [true, false])
            }
        }
    }

    /// Without a collector the caller's trace goes through as it came.
    @Test(.timeLimit(.minutes(3)))
    func withoutACollectorATraceIsPassedOn() async throws {
        try await withProcesses([:]) { product, twilio, hook in
            try await talk(product, twilio, hook)
            let asked = twilio.deliveries.map { $0.headers["traceparent"] }
            #expect(asked[0] == Self.caller && asked.dropFirst().allSatisfy { $0 == nil })
            let posted = try #require(hook.deliveries.first { $0.body.contains(sid(1)) })
            #expect(posted.headers["traceparent"] == Self.caller)
            let caused = try await product.events().filter { $0["data"]?.contains(sid(1)) == true }
            #expect(!caused.isEmpty && caused.allSatisfy { $0["traceparent"] == Self.caller })
        } after: { product in
            let lines = textOfFile(product.log(.worker)).split(separator: "\n").filter {
                $0.contains("handled a message")
            }
            #expect(lines.count == 2 && lines[0].contains(#""trace_id":"\#(Self.trace)""#))
        }
    }
}
