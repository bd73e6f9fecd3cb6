import Common
import Foundation
import TestSupport
import Testing

@testable import Ingest

/// openapi.yaml and ingest say the same: judged by programs that others wrote.
@Suite struct ContractTests {
    static let contract = PythonProgram.root + "/openapi.yaml"

    @Test func theContractIsOpenAPI() async throws {
        let complaints = try await PythonProgram.complaintsAboutContract(Self.contract)
        #expect(complaints == nil)
    }

    @Test func anInvalidContractIsNoticed() async throws {
        try await withTemporaryDirectory { directory in
            let broken = directory + "/openapi.yaml"
            try textOfFile(Self.contract).replacing("openapi: 3.1.0", with: "openapi: 3.1.0\nsurprise: yes").write(
                toFile: broken, atomically: true, encoding: .utf8)
            let complaints = try await PythonProgram.complaintsAboutContract(broken)
            #expect(complaints?.contains("surprise") == true)
        }
    }

    /// Schemathesis makes requests up, valid ones and each kind of invalid one, and compares status, headers and bodies.
    @Test(.timeLimit(.minutes(3))) func whatIsAnsweredIsWhatTheContractSays() async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        try await withAnsweringIngest { ingest, environment async throws in
            let complaints = try await PythonProgram.complaintsAboutAPI(
                at: ingest.url, environment: environment, seed: seed, examples: 12)
            #expect(complaints == nil, "seed \(seed)")
            let metrics = try await ingest.get("/metrics").body
            // What is made up comes past the signature check, or little of the contract would be tried.
            for (route, status) in [
                ("/webhook/twilio", 200), ("/webhook/twilio", 400), ("/webhook/twilio/status", 200), ("/events", 202),
            ] {
                let series = #"whatsapp_webhook_requests_total{route="\#(route)",status="\#(status)"} "#
                let count = metrics.split(separator: "\n").first { $0.hasPrefix(series) }?.dropFirst(series.count)
                #expect((count.flatMap { Int($0) } ?? 0) > 0, "\(route) \(status)")
            }
        }
    }

    @Test(.timeLimit(.minutes(3))) func aWrongPromiseIsNoticed() async throws {
        try await withTemporaryDirectory { directory in
            let wrong = directory + "/openapi.yaml"
            let text = textOfFile(Self.contract)
            try text.replacing("status: { enum: [starting, ready, stopping] }", with: "status: { enum: [prepared] }")
                .write(toFile: wrong, atomically: true, encoding: .utf8)
            try await withAnsweringIngest { ingest, environment async throws in
                let complaints = try await PythonProgram.complaintsAboutAPI(
                    at: ingest.url, contract: wrong, environment: environment, seed: 1, examples: 1)
                #expect(complaints?.contains("prepared") == true)
            }
        }
    }

    private func withAnsweringIngest(
        _ body: @Sendable (RunningIngest, [String: String]) async throws -> Void
    ) async throws {
        try await withPostgres { postgres async throws in
            try await withRedis { redis async throws in
                let extra = [
                    "DATABASE_URL": postgres.url(),
                    "EVENTS_WEBHOOK_SECRET": "whsec_" + Array("a secret of the tests, of 32 bytes".utf8).base64,
                    "LOG_LEVEL": "error",
                ]
                try await RunningIngest.with(redis: redis, extra) { ingest async throws in
                    let environment = extra.merging([
                        "PUBLIC_BASE_URL": RunningIngest.base, "TWILIO_ACCOUNT_SID": RunningIngest.account,
                        "TWILIO_AUTH_TOKEN": RunningIngest.secret.value,
                        "TWILIO_WHATSAPP_NUMBER": "whatsapp:+14155238886",
                    ]) { $1 }
                    try await body(ingest, environment)
                }
            }
        }
    }
}
