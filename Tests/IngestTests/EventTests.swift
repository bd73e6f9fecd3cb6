import Common
import Foundation
import TestSupport
import Testing

/// `POST /events` of the built program, with a real Redis.
@Suite struct EventTests {
    static let secret = "whsec_" + [UInt8](repeating: 7, count: 32).base64
    static let other = "whsec_" + [UInt8](repeating: 9, count: 24).base64
    static let user = "0190f3c2-0000-7000-8000-000000000002"
    static let body =
        #"{"type":"evaluation.completed","data":{"journey_id":"0190f3c2-0000-7000-8000-000000000001","user_id":"\#(user)","eligible":true,"new":[1]}}"#

    struct Post {
        var id: String? = "evt_1"
        var timestamp: String? = "\(Timestamp.now.seconds)"
        var body = EventTests.body
        var secret = EventTests.secret
        var signature: String?
        var correlationID: String?
        var traceparent: String?
    }

    func post(_ post: Post, to ingest: RunningIngest) async throws -> RawConnection.Response {
        let body = Array(post.body.utf8)
        let right = StandardWebhookKeys(post.secret)?.signature(
            id: post.id ?? "", timestamp: post.timestamp.flatMap { Int64($0) } ?? 0, body: body)
        let headers = [
            ("webhook-id", post.id), ("webhook-timestamp", post.timestamp),
            ("webhook-signature", post.signature ?? right), ("X-Correlation-ID", post.correlationID),
            ("traceparent", post.traceparent), ("Content-Type", "application/json"),
        ].compactMap { name, value in value.map { (name, $0) } }
        return try await ingest.exchange("POST", "/events", headers, body)
    }

    func withIngest(
        secret: String = "\(secret) \(other)", _ body: (RunningIngest) async throws -> Void
    ) async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis, ["EVENTS_WEBHOOK_SECRET": secret]) { ingest async throws in
                try await body(ingest)
            }
        }
    }

    @Test func anEventIsQueuedForItsUser() async throws {
        try await withIngest { ingest in
            let before = Timestamp.now
            let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let answer = try await post(Post(correlationID: "abc", traceparent: trace), to: ingest)
            #expect(answer.status == 202 && answer.body == #"{"status":"accepted"}"#)
            #expect(answer.headers["x-correlation-id"] == "abc")
            // In either key, and with the fields beside the type.
            let flat = #"{"user_id":"\#(Self.user)","type":"made.up"}"#
            #expect(try await post(Post(id: "evt_2", body: flat, secret: Self.other), to: ingest).status == 202)
            let queued = try await ingest.queued()
            #expect(queued.map(\.messageSID) == ["event:evt_1", "event:evt_2"])
            #expect(queued.allSatisfy { $0.sender == "user:" + Self.user && $0.kind == .event })
            #expect(queued[0].body == Array(Self.body.utf8) && queued[0].correlationID.text == "abc")
            #expect(queued[0].receivedAt >= before)
            #expect(queued.map { $0.trace?.text } == [trace, nil])
            #expect(
                try await ingest.metric(#"whatsapp_webhook_requests_total{route="/events",status="202"}"#) == 2)
            #expect(try await ingest.metric(#"whatsapp_messages_received_total{kind="event"}"#) == 2)
        }
    }

    @Test func whatIsNotSignedRightIsRefused() async throws {
        try await withIngest { ingest in
            let now = Timestamp.now.seconds
            let foreign = "whsec_" + [UInt8](repeating: 1, count: 32).base64
            let unauthorized: [(String, Post)] = [
                ("another's key", Post(secret: foreign)), ("no signature of ours", Post(signature: "v1,AAAA")),
                ("too old", Post(timestamp: "\(now - 400)")), ("from the future", Post(timestamp: "\(now + 400)")),
            ]
            for (name, wrong) in unauthorized {
                let answer = try await post(wrong, to: ingest)
                #expect(answer.status == 401, "\(name)")
                #expect(answer.body.contains(#""error":"unauthorized""#) && answer.body.contains("correlation_id"))
            }
            let malformed: [(String, Post)] = [
                ("no id", Post(id: nil)), ("no timestamp", Post(timestamp: nil)),
                ("no number", Post(timestamp: "soon")), ("no JSON", Post(body: "hello")),
                ("no object", Post(body: "[]")), ("no user", Post(body: #"{"type":"evaluation.completed"}"#)),
                ("no type", Post(body: #"{"user_id":"\#(Self.user)"}"#)),
                ("no user id", Post(body: #"{"type":"a","user_id":"+447700900123"}"#)),
            ]
            for (name, wrong) in malformed {
                let answer = try await post(wrong, to: ingest)
                #expect(answer.status == 400, "\(name)")
                #expect(answer.body.contains(#""error":"malformed""#), "\(name)")
            }
            let long = Post(
                body: #"{"type":"a","user_id":"\#(Self.user)","x":"\#(String(repeating: "x", count: 66_000))"}"#)
            #expect(try await post(long, to: ingest).status == 413)
            #expect(try await ingest.exchange("GET", "/events", [], []).status == 405)
            #expect(try await ingest.queued().isEmpty)
            #expect(
                try await ingest.metric(#"whatsapp_signature_failures_total{cause="events_wrong_signature"}"#) == 2)
            #expect(try await ingest.metric(#"whatsapp_signature_failures_total{cause="events_too_old"}"#) == 1)
            let log = try ingest.logged()
            #expect(log.contains("events_from_the_future") && !log.contains(Self.user) && !log.contains("whsec_"))
        }
    }

    @Test func withoutASecretThereIsNoSuchAddress() async throws {
        try await withIngest(secret: "") { ingest in
            let answer = try await post(Post(), to: ingest)
            #expect(answer.status == 404)
        }
    }
}
