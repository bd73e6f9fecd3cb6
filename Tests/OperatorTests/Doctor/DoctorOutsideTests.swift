import Common
import TestSupport
import Testing

@testable import Operator

/// Twilio and the public address set up wrong, and what the doctor says.
@Suite struct DoctorOutsideTests {
    @Test func aTwilioAccountThatIsSetUpWrong() async throws {
        try await withWebhookReceiver { twilio in
            twilio.answer { request in
                let path = request.path
                if path.contains("/Messages.json") { return .status(401) }
                if path.contains("/IncomingPhoneNumbers.json") {
                    return .status(200, body: #"{"incoming_phone_numbers":[]}"#)
                }
                if path.contains("/v2/Channels/Senders") {
                    return .status(
                        200,
                        body: """
                            {"senders":[{"sender_id":"\(DoctorEnvironment.sender)","status":"OFFLINE",
                             "webhook":{"callback_url":"https://old.example.com/webhook/twilio"}}]}
                            """)
                }
                if path.contains("/v1/Services/") { return .status(404) }
                return .status(200, body: #"{"sid":"AC","status":"suspended","type":"Full"}"#)
            }
            let environment = try DoctorEnvironment.alone([
                "TWILIO_API_BASE_URL": "http://127.0.0.1:\(twilio.port)", "TWILIO_SMS_NUMBER": "+441134960001",
                "TWILIO_MESSAGING_SERVICE_SID": "MG0123456789abcdef0123456789abcdef",
                "TWILIO_API_KEY_SID": "SK0123456789abcdef0123456789abcdef",
                "TWILIO_API_KEY_SECRET": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            ])
            let doctor = try await DoctorRun(environment)
            doctor.expect("twilio", "account", "problem", "suspended")
            doctor.expect("twilio", "API key", "problem", "TWILIO_API_KEY_SECRET (401)", "make a key")
            doctor.expect("twilio", "WhatsApp sender", "problem", "OFFLINE")
            doctor.expect("twilio", "WhatsApp sender", "problem", "https://old.example.com/webhook/twilio", "#rc=3")
            doctor.expect("twilio", "messaging service", "problem", "TWILIO_MESSAGING_SERVICE_SID")
            doctor.expect("twilio", "SMS sender", "warning", "TWILIO_SMS_NUMBER")
            // Reading only.
            #expect(twilio.deliveries.allSatisfy { $0.body.isEmpty } && twilio.deliveries.count == 5)
            twilio.answer { _ in .status(401) }
            let refused = try await DoctorRun(environment)
            refused.expect("twilio", "account", "problem", "(401)", "copy both from Twilio's console")
            refused.expect("twilio", "WhatsApp sender", "warning", "look in its console")
        }
    }

    @Test(.timeLimit(.minutes(2))) func signaturesThatAreNotRightWhereTheyArrive() async throws {
        try await withProduct { product in
            let base = product.url(.ingest, "")
            let port = product.ports[.ingest] ?? 0
            // What ingest believes, and what the doctor is to say.
            let cases = [
                ("https://127.0.0.1:\(port)", "X-Forwarded-Proto"), ("http://127.0.0.1:3000", ".env.example"),
                ("https://bot.example.com", "TWILIO_AUTH_TOKEN, TWILIO_ACCOUNT_SID"),
            ]
            for (believed, mend) in cases {
                let ingest = try await product.start(
                    .ingest, ["PUBLIC_BASE_URL": believed, "TWILIO_WHATSAPP_NUMBER": DoctorEnvironment.sender])
                let doctor = try await DoctorRun(DoctorEnvironment.of(product, base: base))
                doctor.expect("public address", "leads to ingest", "ok")
                doctor.expect("public address", "signature", "problem", "refuses a webhook", mend)
                if believed.hasSuffix("example.com") {
                    let path = try await DoctorRun(DoctorEnvironment.of(product, base: base + "/bot"))
                    path.expect("public address", "leads to ingest", "problem", "is a path too much in it")
                    path.expect("public address", "signature", "problem", "ingest knows /webhook/twilio")
                }
                try await ingest.stop()
            }
            let worker = try await product.start(.worker, ["PORT": "\(port)"], untilReady: false)
            try await until("the worker listens") { connects(toPort: port) }
            let doctor = try await DoctorRun(DoctorEnvironment.of(product, base: base))
            doctor.expect("public address", "leads to ingest", "problem", "leads to worker", "ingest's PORT")
            try await worker.stop()
        }
    }

    @Test func whatStandsBeforeIngest() async throws {
        try await withWebhookReceiver { proxy in
            let environment = try DoctorEnvironment.alone(["PUBLIC_BASE_URL": "http://127.0.0.1:\(proxy.port)"])
            proxy.answer { _ in .status(301, headers: ["Location: https://bot.example.com/?secret=1"]) }
            let redirected = try await DoctorRun(environment)
            redirected.expect("public address", "leads to ingest", "problem", "redirects to https://bot.example.com/:")
            redirected.expect("public address", "signature", "problem", "address that answers by itself")
            proxy.answer { _ in .status(502) }
            let alone = try await DoctorRun(environment)
            alone.expect("public address", "leads to ingest", "problem", "no ingest behind the proxy")
            proxy.answer { _ in .status(403, body: "challenge") }
            let challenged = try await DoctorRun(environment)
            challenged.expect("public address", "signature", "problem", "before ingest refuses")
        }
    }

    /// A server that takes connections and says nothing must not hold the doctor up.
    @Test(.timeLimit(.minutes(2))) func serversThatNeverAnswer() async throws {
        try await withWebhookReceiver { silent in
            silent.answer { _ in .hang }
            let url = "http://127.0.0.1:\(silent.port)"
            let environment = try DoctorEnvironment.alone([
                "PUBLIC_BASE_URL": url, "TWILIO_API_BASE_URL": url, "REDIS_URL": "redis://127.0.0.1:\(silent.port)",
                "DATABASE_URL": "postgres://postgres@127.0.0.1:\(silent.port)/x",
            ])
            let doctor = try await DoctorRun(environment)
            doctor.expect("postgres", "connection", "problem", "PGHOST")
            doctor.expect("redis", "connection", "problem", "REDIS_URL")
            doctor.expect("twilio", "account", "problem", "cannot be reached")
            doctor.expect("public address", "leads to ingest", "problem", "does not answer")
            doctor.expect("queue", "not looked at", "skipped", "see redis")
        }
    }
}
