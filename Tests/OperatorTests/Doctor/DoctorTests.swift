import Common
import TestSupport
import Testing

@testable import Operator

/// The doctor with real servers, with which something is really wrong.
@Suite struct DoctorTests {
    @Test(.timeLimit(.minutes(2))) func aDeploymentThatWorksIsWell() async throws {
        try await withProduct { product in
            let environment = DoctorEnvironment.of(product)
            var programs: [ServerProcess] = []
            for program in [Product.Program.simulator, .ingest, .worker, .relay] {
                programs.append(
                    try await product.start(
                        program, environment.merging(["PORT": "\(product.ports[program] ?? 0)"]) { $1 }))
            }
            let doctor = try await DoctorRun(environment)
            #expect(doctor.run.exitCode == 0 && doctor.problems.isEmpty, "\(doctor.problems) \(doctor.run.error)")
            doctor.expect("configuration", "variables", "ok")
            doctor.expect("postgres", "migrations", "ok", "version \(Schema.version)")
            doctor.expect("redis", "functions", "ok", "wa_v1")
            doctor.expect("clocks", "skew", "ok", "Postgres, Redis")
            doctor.expect("queue", "workers", "ok")
            doctor.expect("messages", "unprocessed", "ok")
            doctor.expect("relay", "relays", "ok")
            doctor.expect("relay", "partitions", "ok")
            doctor.expect("twilio", "account", "ok")
            doctor.expect("twilio", "WhatsApp sender", "ok")
            doctor.expect("public address", "leads to ingest", "ok")
            doctor.expect("public address", "signature", "ok")
            doctor.expect("public address", "health", "ok")
            let text = try await OperatorRun(["doctor"], environment: environment)
            #expect(text.exitCode == 0 && text.output.contains(" 0 problems"), "\(text.output)")
            #expect(text.output.hasPrefix("configuration\n  ok "))
            for process in programs { try await process.stop() }
        }
    }

    @Test func withoutServersEachAreaSaysSoAndTheRestIsLookedAt() async throws {
        let doctor = try await DoctorRun(try DoctorEnvironment.alone())
        #expect(doctor.run.exitCode == 1 && doctor.run.error.isEmpty, "\(doctor.run.error)")
        doctor.expect("configuration", "variables", "ok")
        doctor.expect("postgres", "connection", "problem", "PGPORT")
        doctor.expect("redis", "connection", "problem", "host and port in REDIS_URL")
        for area in ["clocks", "queue", "messages", "relay"] { doctor.expect(area, "not looked at", "skipped", "see ") }
        doctor.expect("twilio", "account", "problem", "TWILIO_API_BASE_URL")
        doctor.expect("public address", "leads to ingest", "problem", "start ingest")
        #expect(!doctor.run.output.contains("hunter2"))
        let offline = try await DoctorRun(try DoctorEnvironment.alone(), "--offline")
        offline.expect("twilio", "not looked at", "skipped", "--offline")
        offline.expect("public address", "not looked at", "skipped", "--offline")
    }

    @Test func aWrongConfigurationIsTheFirstThingToMend() async throws {
        var environment = try DoctorEnvironment.alone([
            "APP_ENV": "production", "OTP_SECRET": "development-only-otp-secret-0123456789", "PGPORT": "many",
            "TWILLIO_AUTH_TOKEN": "x", "TWILIO_AUTH_TOKEN": "short-of-letters",
            "REDIS_URL": "redis://redis.example.com",
        ])
        environment["TWILIO_MESSAGING_SERVICE_SID"] = "nonsense"
        environment["DATABASE_URL"] = nil
        environment["PUBLIC_BASE_URL"] = nil
        let doctor = try await DoctorRun(environment, "--offline")
        #expect(doctor.run.exitCode == 1)
        for name in ["PGPORT", "DATABASE_URL", "TWILIO_MESSAGING_SERVICE_SID", "PUBLIC_BASE_URL"] {
            doctor.expect("configuration", "variables", "problem", name + ":")
        }
        doctor.expect("configuration", "secrets", "problem", "OTP_SECRET", ".env.example")
        doctor.expect("configuration", "secrets", "problem", "TWILIO_AUTH_TOKEN has 16")
        doctor.expect("configuration", "encryption", "problem", "rediss://")
        doctor.expect("postgres", "not looked at", "skipped", "DATABASE_URL")
        #expect(!doctor.run.output.contains("0123456789") && !doctor.run.output.contains("short-of-letters"))
        let typo = try await DoctorRun(["TWILLIO_AUTH_TOKEN": "x"], "--offline")
        typo.expect("configuration", "typos", "warning", "rename TWILLIO_AUTH_TOKEN to TWILIO_AUTH_TOKEN")
        let wrong = try await OperatorRun(["doctor", "--off"])
        #expect(wrong.exitCode == 2)
    }
}
