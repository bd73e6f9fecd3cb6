import Common
import Testing

@testable import Operator

/// What the doctor makes of the configuration, of Twilio's answers and of its own call.
@Suite struct OutsideVerdictTests {
    @Test func variables() {
        expect(VariablesCheck(read: 50, problems: []), .ok, says: "50")
        expect(
            VariablesCheck(read: 50, problems: [.init("PORT", "expected a number"), .init("OTP_SECRET", "missing")]),
            .problem, .problem, says: "PORT: expected a number", "set OTP_SECRET", ".env.example")
        expect(TyposCheck(suspects: []), .ok)
        expect(
            TyposCheck(suspects: [.init(found: "TWILLIO_AUTH_TOKEN", meant: "TWILIO_AUTH_TOKEN")]), .warning,
            says: "rename")
    }

    @Test func secrets() {
        let good = "9f86d081884c7d659a2feaa0c55ad015"
        func check(_ secrets: [String: String], production: Bool = true) -> SecretsCheck {
            SecretsCheck(
                isProduction: production,
                secrets: secrets.sorted { $0.key < $1.key }.map { .init(name: $0.key, Secret($0.value)) })
        }
        expect(check([:]), .ok, says: "none")
        expect(check(["OTP_SECRET": good]), .ok)
        expect(
            check(["OTP_SECRET": "development-only-otp-secret-0123456789"]), .problem, says: ".env.example", "openssl")
        expect(check(["OTP_SECRET": "development-only-otp-secret-0123456789"], production: false), .ok)
        expect(
            check(["EVENTS_WEBHOOK_SECRET": "whsec_ZGV2ZWxvcG1lbnQtb25seS1ldmVudHMtc2VjcmV0"]), .problem,
            says: "EVENTS_WEBHOOK_SECRET")
        expect(check(["TWILIO_AUTH_TOKEN": "9f86d081884c7d65"]), .problem, says: "16 characters", "console")
        expect(check(["TWILIO_AUTH_TOKEN": "9f86d081884c7d65"], production: false), .warning)
        expect(check(["PGPASSWORD": "tiger"]), .problem, says: "only 5")
        expect(check(["OTP_SECRET": String(repeating: "ab", count: 20)]), .problem, says: "only 2 different")
        expect(
            check(["OTP_SECRET": good, "PGPASSWORD": good]), .problem, says: "OTP_SECRET and PGPASSWORD are the same")
        expect(check(["TWILIO_AUTH_TOKEN": good, "TWILIO_AUTH_TOKEN_SECONDARY": good]), .ok)
    }

    @Test func environment() throws {
        let api = try #require(WebAddress("https://api.twilio.com"))
        func check(_ base: String, production: Bool, api: WebAddress? = nil) -> EnvironmentCheck {
            EnvironmentCheck(isProduction: production, publicBase: WebAddress(base), api: api)
        }
        expect(check("https://bot.example.com", production: true, api: api), .ok)
        expect(check("http://127.0.0.1:3000", production: false, api: WebAddress("http://127.0.0.1:4010")), .ok)
        expect(check("http://127.0.0.1:3000", production: true, api: api), .problem, says: "cannot reach")
        expect(check("https://bot.example.com", production: false), .warning, says: "APP_ENV=production")
        expect(
            check("https://bot.example.com", production: true, api: WebAddress("http://127.0.0.1:4010")), .problem,
            says: "unset TWILIO_API_BASE_URL")
    }

    @Test func hosts() {
        let machine = ["", "/run/postgresql", "localhost", "127.0.0.1", "::1"]
        let privately = [
            "10.1.2.3", "172.31.0.1", "192.168.1.1", "postgres", "redis.railway.internal", "fd12::1", "100.64.0.9",
        ]
        let everywhere = ["172.32.0.1", "8.8.8.8", "db.example.com", "2a00::1"]
        #expect(machine.allSatisfy { HostReach($0) == .machine })
        #expect(privately.allSatisfy { HostReach($0) == .privateNetwork })
        #expect(everywhere.allSatisfy { HostReach($0) == .everywhere })
    }

    @Test func transport() {
        func check(_ variable: String, _ host: String, tls: Bool, production: Bool = true) -> TransportCheck {
            TransportCheck(
                isProduction: production, links: [.init(variable: variable, host: host, isEncrypted: tls)])
        }
        expect(check("DATABASE_URL", "db.example.com", tls: true), .ok)
        expect(check("DATABASE_URL", "postgres.railway.internal", tls: false), .ok)
        expect(check("DATABASE_URL", "db.example.com", tls: false), .problem, says: "sslmode=verify-full")
        expect(check("REDIS_URL", "8.8.8.8", tls: false, production: false), .warning, says: "rediss://")
        expect(check("PUBLIC_BASE_URL", "bot.example.com", tls: false), .problem, says: "https://")
    }

    @Test func twilioAccount() {
        func check(_ answer: TwilioAnswer<TwilioAccount>) -> TwilioAccountCheck { .init(answer: answer) }
        expect(check(.value(.init(status: "active", type: "Full"))), .ok)
        expect(check(.value(.init(status: "active", type: "Trial"))), .warning, says: "upgrade")
        expect(check(.value(.init(status: "suspended", type: "Full"))), .problem, says: "suspended")
        expect(check(.refused(401)), .problem, says: "TWILIO_AUTH_TOKEN", "401")
        expect(check(.missing), .problem, says: "TWILIO_ACCOUNT_SID")
        expect(check(.strange(500)), .warning, says: "500", "status.twilio.com")
        expect(check(.unreachable("refused")), .problem, says: "TWILIO_API_BASE_URL")
        expect(TwilioKeyCheck(answer: nil), .ok)
        expect(TwilioKeyCheck(answer: .value(true)), .ok)
        expect(TwilioKeyCheck(answer: .refused(401)), .problem, says: "TWILIO_API_KEY_SECRET")
        expect(TwilioKeyCheck(answer: .missing), .warning)
        expect(TwilioKeyCheck(answer: .unreachable("x")), .skipped)
        expect(TwilioNumberCheck(answer: nil), .ok)
        expect(TwilioNumberCheck(answer: .value(true)), .ok)
        expect(TwilioNumberCheck(answer: .value(false)), .warning, says: "TWILIO_SMS_NUMBER")
        expect(TwilioNumberCheck(answer: .refused(403)), .warning)
        expect(TwilioNumberCheck(answer: .unreachable("x")), .skipped)
    }

    @Test func twilioWebhooks() {
        let base = "https://bot.example.com"
        let right = base + "/webhook/twilio#rc=3&rp=ct,rt,5xx"
        func check(
            _ answer: TwilioAnswer<TwilioWebhooks?>, number: String = "whatsapp:+441134960000", production: Bool = true
        ) -> TwilioSenderCheck {
            TwilioSenderCheck(answer: answer, number: number, publicBase: base, isProduction: production)
        }
        func sender(_ url: String?, fallback: String? = nil, state: String = "ONLINE") -> TwilioAnswer<TwilioWebhooks?>
        {
            .value(TwilioWebhooks(inbound: url, fallback: fallback, state: state))
        }
        expect(check(sender(right)), .ok)
        expect(check(sender(base + "/webhook/twilio")), .warning, says: "#rc=3")
        expect(check(sender(nil)), .problem, says: "messages never come")
        expect(
            check(sender("https://user:pw@other.example.com/x#rc=1")), .problem, says: "https://other.example.com/x",
            "PUBLIC_BASE_URL")
        expect(check(sender(right, fallback: base + "/webhook/twilio/fallback")), .ok)
        expect(check(sender(right, fallback: "https://other.example.com")), .warning, says: "fallback")
        expect(check(sender(right, state: "OFFLINE")), .problem, says: "OFFLINE")
        expect(check(.value(nil)), .problem, says: "whatsapp:+4411…000")
        expect(check(.missing), .warning, says: "console", base + "/webhook/twilio")
        expect(check(.unreachable("x")), .skipped)
        expect(check(sender(right), number: "whatsapp:+14155238886"), .problem, says: "sandbox")
        expect(check(sender(right), number: "whatsapp:+14155238886", production: false), .warning)
        func service(_ answer: TwilioAnswer<TwilioWebhooks>?) -> TwilioServiceCheck {
            .init(answer: answer, publicBase: base)
        }
        var deferring = TwilioWebhooks(inbound: nil)
        deferring.defersToSender = true
        expect(service(nil), .ok)
        expect(service(.value(deferring)), .ok)
        expect(service(.value(TwilioWebhooks(inbound: nil))), .problem, says: "messages never come")
        expect(service(.missing), .problem, says: "TWILIO_MESSAGING_SERVICE_SID")
        expect(service(.refused(403)), .warning)
        expect(service(.unreachable("x")), .skipped)
    }

    @Test func publicAddress() {
        let base = "https://bot.example.com"
        let about = PublicAddressCheck.About(service: "whatsapp-handler", process: "ingest", version: "1")
        func check(_ answer: PublicAnswer, _ about: PublicAddressCheck.About? = nil) -> PublicAddressCheck {
            PublicAddressCheck(base: base, answer: answer, about: about, service: "whatsapp-handler", version: "1")
        }
        expect(check(.status(200, isOurs: true), about), .ok)
        expect(
            check(.status(200, isOurs: true), .init(service: "x", process: "ingest", version: "2")), .warning, .warning)
        expect(
            check(.status(200, isOurs: true), .init(service: "x", process: "worker", version: "1")), .problem,
            says: "worker")
        expect(check(.status(404, isOurs: false)), .problem, says: "not ours", "path")
        expect(check(.status(502, isOurs: false)), .problem, says: "no ingest behind the proxy")
        expect(check(.redirect("https://x")), .problem, says: "https://x", "PUBLIC_BASE_URL")
        let codes: [HTTPError.Code] = [
            .invalidRequest, .overloaded, .nameNotResolved, .couldNotConnect, .addressRefused, .tlsFailed, .timedOut,
            .connectionLost, .sendFailed, .responseTooLarge, .cancelled,
        ]
        for code in codes { expect(check(.failed(code, "why")), .problem, says: "why") }
        expect(PublicHealthCheck(status: 200, failing: []), .ok)
        expect(PublicHealthCheck(status: 503, failing: ["database"]), .warning, says: "503: database")
    }

    @Test func signature() {
        let base = "https://bot.example.com"
        func check(_ answer: PublicAnswer, _ accepted: SignatureCheck.Accepted? = nil) -> SignatureCheck {
            SignatureCheck(base: base, answer: answer, accepted: accepted)
        }
        expect(check(.status(200, isOurs: true)), .ok)
        expect(check(.status(403, isOurs: false)), .problem, says: "before ingest")
        expect(check(.status(403, isOurs: true)), .problem, says: "TWILIO_AUTH_TOKEN", "its log")
        let found: [(SignatureCheck.Accepted, String)] = [
            (.otherScheme, "X-Forwarded-Proto"), (.developmentAddress, ".env.example"), (.withoutPath, "path"),
            (.otherHost("www.bot.example.com"), "X-Forwarded-Host"), (.secondaryToken, "TWILIO_AUTH_TOKEN_SECONDARY"),
        ]
        for (accepted, mend) in found { expect(check(.status(403, isOurs: true), accepted), .problem, says: mend) }
        for status in [404, 405] { expect(check(.status(status, isOurs: true)), .problem, says: "/webhook/twilio") }
        for status in [400, 413, 415] { expect(check(.status(status, isOurs: true)), .problem, says: "Content-Type") }
        expect(check(.status(429, isOurs: false)), .warning, says: "rate limit")
        expect(check(.status(503, isOurs: true)), .problem, says: "see redis")
        expect(check(.status(500, isOurs: false)), .problem, says: "500")
        expect(check(.redirect("https://x")), .problem, says: "https://x")
        expect(check(.failed(.timedOut, "")), .skipped)
    }
}
