import Common
import Foundation
import TestSupport
import Testing

@testable import Ingest

@Suite struct AdminTests {
    @Test func thePagesOfOperationAnswer() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                let health = try await ingest.get("/health")
                #expect(health.status == 200)
                #expect(health.body.contains("\"redis\"") && health.body.contains("\"healthy\""))
                #expect(try await ingest.get("/").status == 200)
                #expect(try await ingest.get("/metrics").body.contains("whatsapp_webhook_requests_total"))
                let missing = try await ingest.get("/nothing", headers: [("X-Correlation-ID", "abc")])
                #expect(missing.status == 404)
                #expect(missing.body.contains("\"correlation_id\":\"abc\""))
                let tooLong = String(repeating: "a", count: 129)
                let replaced = try await ingest.get("/ready", headers: [("X-Correlation-ID", tooLong)])
                #expect(UUID(uuidString: replaced.headers["x-correlation-id"] ?? "") != nil)
            }
        }
    }

    @Test func theContractIsServedAndNamesEveryRoute() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                let contract = try await ingest.get("/openapi.yaml")
                #expect(contract.status == 200)
                #expect(contract.body.hasPrefix("openapi: 3.1"))
                for path in WebhookRoute.allCases.map(\.rawValue) + ["/events", "/health", "/ready", "/metrics", "/"] {
                    #expect(contract.body.contains("\n  \(path):\n"), "\(path)")
                }
            }
        }
    }

    @Test func everyProblemOfTheEnvironmentIsToldAtOnceAndNoValue() async throws {
        try await withTemporaryDirectory { directory in
            let log = directory + "/log"
            let process = try ourProcess(
                "ingest",
                environment: [
                    "TWILIO_ACCOUNT_SID": "hunter2", "TRUSTED_PROXIES": "hunter3", "PUBLIC_BASE_URL": "hunter4",
                    "TWILIO_AUTH_TOKEN": "hunter5",
                ], log: log)
            try await process.start()
            try await until("it has complained") {
                (try? String(contentsOfFile: log, encoding: .utf8).contains("TRUSTED_PROXIES")) ?? false
            }
            try await process.stop()
            let text = try String(contentsOfFile: log, encoding: .utf8)
            for name in [
                "TWILIO_ACCOUNT_SID", "TRUSTED_PROXIES", "PUBLIC_BASE_URL", "TWILIO_WHATSAPP_NUMBER", "REDIS_URL",
            ] {
                #expect(text.contains(name), "\(name)")
            }
            #expect(!text.contains("hunter"))
        }
    }
}
