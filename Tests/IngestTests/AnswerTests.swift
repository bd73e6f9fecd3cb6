import Common
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import Ingest

/// Every row of the table of answers, against the built program and a real Redis.
@Suite struct AnswerTests {
    @Test func whatIsRightIsQueuedByteForByteAndAnsweredWithNothingToSay() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                let body = FormParameters.encode(RunningIngest.message(1, ["Body": "é\u{1F}🚂 +%&=\n"]))
                let before = Timestamp.now
                let answer = try await ingest.post(body, headers: [("X-Correlation-ID", "trace me/1 ~")])
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "text/xml")
                #expect(answer.headers["x-correlation-id"] == "trace me/1 ~")
                #expect(answer.body == #"<?xml version="1.0" encoding="UTF-8"?><Response/>"#)
                let envelope = try #require(try await ingest.queued().first)
                #expect(envelope.messageSID == "SM00000000000000000000000000000001")
                #expect(envelope.sender == "whatsapp:+447700900123")
                #expect(envelope.correlationID.text == "trace me/1 ~")
                #expect(envelope.kind == .message)
                #expect(envelope.body == body)
                #expect(envelope.receivedAt >= before && envelope.receivedAt <= .now)
                let raw = try await ingest.ask(RedisCommand("LINDEX", "{wa:0}:in", "0"))
                let head =
                    "v1\u{1F}SM00000000000000000000000000000001\u{1F}whatsapp:+447700900123\u{1F}"
                    + "\(envelope.receivedAt.microseconds)\u{1F}trace me/1 ~\u{1F}message\u{1F}"
                #expect(raw == .bytes(Array(head.utf8) + body))
            }
        }
    }

    @Test func aFallbackIsTheSameMessageAndAStatusHasItsOwnKind() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                #expect(try await ingest.post(RunningIngest.message(), to: "/webhook/twilio/fallback").status == 200)
                let path = "/webhook/twilio/status?mid=0190f3c2"
                #expect(try await ingest.post(RunningIngest.status("delivered"), to: path).status == 200)
                let (message, status) = (try await ingest.queued()[0], try await ingest.queued()[1])
                #expect(message.kind == .message && message.messageSID.hasSuffix("001"))
                #expect(status.kind == .status)
                #expect(status.messageSID == "SM" + String(repeating: "e", count: 32) + ":delivered")
                #expect(status.sender == "status:SM" + String(repeating: "e", count: 32))
                let reply = "01a20516-67eb-7f07-ac2a-871df6394471"
                let ours = "/webhook/twilio/status?m=\(reply)&a=1"
                #expect(try await ingest.post(RunningIngest.status("read"), to: ours).status == 200)
                #expect(try await ingest.queued()[2].sender == "status:\(reply)", "the reply is known by our own id")
                #expect(
                    try await ingest.metric(
                        #"whatsapp_webhook_requests_total{route="/webhook/twilio/fallback",status="200"}"#) == 1)
                #expect(try await ingest.metric(#"whatsapp_messages_received_total{kind="message"}"#) == 1)
                #expect(try await ingest.metric(#"whatsapp_messages_received_total{kind="status"}"#) == 2)
                #expect(try await ingest.metric("whatsapp_webhook_duration_seconds_count") == 3)
            }
        }
    }

    @Test func aPersonWithAUserIDIsKnownByIt() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                let id = "whatsapp:GB.13491208655302741918"
                #expect(try await ingest.post(RunningIngest.message(["ExternalUserId": id])).status == 200)
                #expect(try await ingest.post(RunningIngest.message(2, from: id)).status == 200)
                #expect(try await ingest.queued().map(\.sender) == [id, id])
            }
        }
    }

    @Test func whatIsNotRightIsRefusedAndNothingIsQueued() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                let message = RunningIngest.message()
                let body = FormParameters.encode(message)
                typealias Case = (what: String, status: Int, answer: RawConnection.Response)
                var cases: [Case] = []
                func expect(_ status: Int, _ what: String, _ answer: RawConnection.Response) {
                    cases.append((what, status, answer))
                }
                expect(403, "no signature", try await ingest.post(body, signature: ""))
                expect(403, "not base64", try await ingest.post(body, signature: "no"))
                expect(
                    403, "another token",
                    try await ingest.post(
                        body,
                        signature: WebhookSigner(secret: Secret("x")).signature(
                            url: RunningIngest.base + "/webhook/twilio", form: body)))
                expect(
                    403, "an unknown algorithm",
                    try await ingest.post(
                        body, headers: [("X-Twilio-Webhooks-Signature-Settings", "algorithm=HMAC_MD5")]))
                expect(403, "an empty body without a signature", try await ingest.post([], signature: ""))
                expect(
                    403, "another account",
                    try await ingest.post(
                        RunningIngest.message(["AccountSid": "AC" + String(repeating: "1", count: 32)])))
                expect(
                    403, "another recipient",
                    try await ingest.post(
                        RunningIngest.message(["To": "whatsapp:+15550001111"])))
                expect(403, "no recipient", try await ingest.post(RunningIngest.message(["To": nil])))
                expect(
                    403, "another service",
                    try await ingest.post(
                        RunningIngest.message(["To": nil, "MessagingServiceSid": "MG1"])))
                expect(
                    403, "a status of another's message",
                    try await ingest.post(
                        RunningIngest.status("sent", ["From": "whatsapp:+15550001111"]), to: "/webhook/twilio/status"))
                expect(403, "an empty body", try await ingest.post([UInt8]()))
                expect(400, "no MessageSid", try await ingest.post(RunningIngest.message(["MessageSid": nil])))
                expect(400, "an empty MessageSid", try await ingest.post(RunningIngest.message(["MessageSid": ""])))
                expect(400, "no SID in MessageSid", try await ingest.post(RunningIngest.message(["MessageSid": "SM1"])))
                expect(400, "no From", try await ingest.post(RunningIngest.message(["From": nil])))
                expect(
                    400, "a separator in From",
                    try await ingest.post(
                        RunningIngest.message(from: "whatsapp:\u{1F}+447700900123")))
                expect(
                    400, "no status",
                    try await ingest.post(
                        RunningIngest.message(["From": "whatsapp:+14155238886"]),
                        to: "/webhook/twilio/status"))
                expect(400, "invalid UTF-8", try await ingest.post(body + Array("&Extra=%FF%FE".utf8)))
                expect(400, "1,025 parameters", try await ingest.post(Array(String(repeating: "a&", count: 1025).utf8)))
                expect(415, "JSON", try await ingest.post(Array(#"{"a":1}"#.utf8), type: "application/json"))
                expect(415, "no type", try await ingest.post(body, type: nil))
                expect(
                    415, "another charset",
                    try await ingest.post(
                        body, type: "application/x-www-form-urlencoded; charset=iso-8859-1"))
                expect(
                    413, "200 kB",
                    try await ingest.post(
                        RunningIngest.message(["Body": String(repeating: "a", count: 200_000)])))
                expect(405, "GET", try await ingest.get("/webhook/twilio"))
                expect(
                    405, "OPTIONS",
                    try await ingest.exchange(
                        "OPTIONS", "/webhook/twilio", [("Origin", "https://evil.example")], []))
                expect(404, "another path", try await ingest.post(message, to: "/webhook/twilio/other"))
                expect(404, "a doubled slash", try await ingest.post(message, to: "//webhook/twilio"))
                for (what, status, answer) in cases {
                    #expect(answer.status == status, "\(what)")
                    #expect(answer.headers["x-correlation-id"]?.isEmpty == false, "\(what)")
                    #expect(answer.headers["access-control-allow-origin"] == nil, "\(what)")
                    #expect(answer.body.contains(#""correlation_id":""#), "\(what): \(answer.body)")
                    #expect(answer.body.contains(#""error":""#) && answer.body.contains(#""message":""#), "\(what)")
                }
                #expect(try await ingest.queued().isEmpty)
                #expect(try await ingest.ask(RedisCommand("DBSIZE")) == .integer(0))
                for (cause, count) in [
                    ("missing_header", 2.0), ("malformed_header", 1), ("wrong_token_or_url", 1),
                    ("unknown_algorithm", 1), ("wrong_account", 2), ("wrong_recipient", 4),
                ] {
                    let series = "whatsapp_signature_failures_total{cause=\"\(cause)\"}"
                    #expect(try await ingest.metric(series) == count, "\(cause)")
                    #expect(try ingest.logged().contains("\"cause\":\"\(cause)\""))
                }
                #expect(
                    try await ingest.metric(#"whatsapp_webhook_requests_total{route="/webhook/twilio",status="415"}"#)
                        == 3)
                try noSecrets(in: ingest.logged())
            }
        }
    }

    @Test func whatTwilioMaySendIsAccepted() async throws {
        try await withRedis { redis async throws in
            let second = Secret("the next token")
            let extra = [
                "TWILIO_AUTH_TOKEN_SECONDARY": second.value, "TWILIO_SMS_NUMBER": "+15005550006",
                "TWILIO_MESSAGING_SERVICE_SID": "MG" + String(repeating: "2", count: 32),
            ]
            try await RunningIngest.with(redis: redis, extra) { ingest async throws in
                let url = RunningIngest.base + "/webhook/twilio"
                func accepted(
                    _ number: Int, _ changes: [String: String?] = [:], signedFor url: String = url,
                    by secret: Secret = RunningIngest.secret, _ algorithm: HMACKey.Algorithm = .sha1,
                    to path: String = "/webhook/twilio", type: String = RunningIngest.form,
                    headers: [(String, String)] = []
                ) async throws {
                    let body = FormParameters.encode(RunningIngest.message(number, changes))
                    let signature = WebhookSigner(secret: secret, algorithm: algorithm).signature(url: url, form: body)
                    let answer = try await ingest.post(
                        body, to: path, type: type, signature: signature, headers: headers)
                    #expect(answer.status == 200, "\(number)")
                }
                let settings = "X-Twilio-Webhooks-Signature-Settings"
                try await accepted(1, by: second)
                try await accepted(2, signedFor: "https://bot.example.com:443/webhook/twilio")
                try await accepted(3, signedFor: url + "#rc=3&rp=ct,rt,5xx")
                try await accepted(4, by: second, .sha256, headers: [(settings, "key=k,algorithm=HMAC_SHA256")])
                try await accepted(5, ["To": "+15005550006"])
                try await accepted(
                    6, ["To": "+15550001111", "MessagingServiceSid": extra["TWILIO_MESSAGING_SERVICE_SID"]])
                try await accepted(7, type: "APPLICATION/x-www-form-urlencoded ;charset=\"utf-8\"")
                try await accepted(8, signedFor: url + "?a=it's%20b&c=", to: "/webhook/twilio?a=it%27s+b&c")
                try await accepted(9, signedFor: url + "?a=it%27s+b", to: "/webhook/twilio?a=it's+b")
                try await accepted(10, ["SomethingNew": "2027", "Body": ""])
                #expect(try await ingest.queued().count == 10)
            }
        }
    }

    @Test func onlyATrustedProxyMayNameAnotherHost() async throws {
        try await withRedis { redis async throws in
            let forwarded = [("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "other.example")]
            let body = FormParameters.encode(RunningIngest.message())
            let signature = WebhookSigner(secret: RunningIngest.secret).signature(
                url: "http://other.example/webhook/twilio", form: body)
            for (proxies, status) in [("", 403), ("10.0.0.0/8, ::1", 403), ("10.0.0.0/8,127.0.0.0/8", 200)] {
                try await RunningIngest.with(redis: redis, ["TRUSTED_PROXIES": proxies]) { ingest async throws in
                    let answer = try await ingest.post(body, signature: signature, headers: forwarded)
                    #expect(answer.status == status, "\(proxies)")
                    #expect(try await ingest.post(body, headers: forwarded).status == 200)
                }
            }
        }
    }

    @Test(arguments: Fixtures.examples)
    func anExampleIsAcceptedOnceItsAddressIsOurs(_ example: Fixtures.Example) throws {
        var values = ConfigurationValues(environment: [
            "TWILIO_ACCOUNT_SID": Fixtures.account, "TWILIO_AUTH_TOKEN": Fixtures.token,
            "TWILIO_WHATSAPP_NUMBER": "whatsapp:+14155238886", "PUBLIC_BASE_URL": "https://bot.example.com",
        ])
        let twilio = TwilioConfiguration(reading: &values)
        try values.check()
        let webhook = Webhook(
            route: example.isStatus ? .status : .message, target: String(example.url.dropFirst(23)),
            headers: .init(example.headers.map { ($0.key, $0.value) }), body: Array(example.formBody.utf8),
            remoteAddress: nil, correlationID: CorrelationID(), receivedAt: .now)
        let envelope = try WebhookGate(twilio, proxies: .none).envelope(for: webhook)
        #expect(envelope.body == webhook.body)
        #expect(envelope.messageSID.hasPrefix(example.parameter("MessageSid") ?? "none"))
    }

    @Test func theRangesOfProxiesAreRead() throws {
        let proxies = try #require(TrustedProxies("10.1.0.0/16, 192.0.2.7,2001:db8::/33 ,::1"))
        for (address, isTrusted) in [
            ("10.1.255.255", true), ("10.2.0.0", false), ("::ffff:10.1.2.3", true), ("192.0.2.7", true),
            ("192.0.2.8", false), ("2001:db8:7fff::1", true), ("2001:db8:8000::1", false), ("::1", true),
            ("nonsense", false),
        ] {
            #expect(proxies.contains(address) == isTrusted, "\(address)")
        }
        #expect(!proxies.contains(nil))
        #expect(TrustedProxies("10.0.0.0/33") == nil)
        #expect(TrustedProxies("example.com") == nil)
        #expect(TrustedProxies("10.0.0.0/") == nil)
        #expect(TrustedProxies.none.contains("127.0.0.1") == false)
    }
}

/// No number, text, name or token of the tests may be in a log.
func noSecrets(in log: String) throws {
    #expect(log.contains(#""message":"#))
    for secret in ["447700900123", "5550001111", "train was late", "Ana Example", "token", "14155238886"] {
        let found = log.split(separator: "\n").first { $0.contains(secret) && !$0.contains("wrong_token_or_url") }
        #expect(found == nil, "\(secret) in: \(found ?? "")")
    }
}
