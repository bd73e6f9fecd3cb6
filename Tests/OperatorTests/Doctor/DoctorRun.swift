import Common
import TestSupport
import Testing

/// A run of `operator doctor --json`, read.
struct DoctorRun {
    let run: OperatorRun
    private let checks: [JSONValue]

    init(_ environment: [String: String], _ arguments: String...) async throws {
        run = try await OperatorRun(["doctor", "--json"] + arguments, environment: environment)
        guard case .array(let checks)? = JSONValue(parsing: Array(run.output.utf8))?["checks"] else {
            throw HarnessError("no report: \(run.output) \(run.error)")
        }
        self.checks = checks
    }

    /// Checks that one finding of a check is of this level and that it, or its mend, has these words.
    func expect(
        _ area: String, _ check: String, _ level: String, _ words: String...,
        location: SourceLocation = #_sourceLocation
    ) {
        let found = checks.filter { $0["area"]?.string == area && $0["check"]?.string == check }
        let fitting = found.filter { finding in
            let text = (finding["text"]?.string ?? "") + " -> " + (finding["mend"]?.string ?? "")
            return finding["level"]?.string == level && words.allSatisfy { text.contains($0) }
        }
        #expect(!fitting.isEmpty, "\(area)/\(check): \(found.map(\.text))", sourceLocation: location)
    }

    /// What is wrong, for people to read when a test fails.
    var problems: [String] {
        checks.filter { $0["level"]?.string == "problem" }.map(\.text)
    }
}

/// The environment of a deployment in which nothing is wrong but that nothing runs.
enum DoctorEnvironment {
    static let sender = "whatsapp:+441134960000"

    static func of(_ product: Product, base: String? = nil) -> [String: String] {
        var environment = product.environment(.ingest)
        environment["TWILIO_WHATSAPP_NUMBER"] = sender
        environment["PUBLIC_BASE_URL"] = base ?? product.url(.ingest, "")
        environment["SIMULATOR_WEBHOOK_URL"] = product.url(.ingest, "/webhook/twilio#rc=3&rp=ct,rt,5xx")
        environment["PORT"] = nil
        return environment
    }

    /// Without servers: addresses at which nobody is.
    static func alone(_ more: [String: String] = [:]) throws -> [String: String] {
        let port = try freePort()
        return [
            "APP_ENV": "test", "REDIS_URL": "redis://127.0.0.1:\(port)",
            "DATABASE_URL": "postgres://someone:hunter2hunter2hunter2@127.0.0.1:\(port)/x",
            "TWILIO_ACCOUNT_SID": Product.accountSID, "TWILIO_AUTH_TOKEN": Product.authToken,
            "TWILIO_WHATSAPP_NUMBER": sender, "TWILIO_API_BASE_URL": "http://127.0.0.1:\(port)",
            "PUBLIC_BASE_URL": "http://127.0.0.1:\(port)", "OTP_SECRET": "9f86d081884c7d659a2feaa0c55ad015",
            "TERMS_URL": "https://bot.example.com/terms", "TERMS_VERSION": "1",
        ].merging(more) { $1 }
    }
}
