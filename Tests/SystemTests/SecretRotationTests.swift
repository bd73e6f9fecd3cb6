import Common
import Glibc
import TestSupport
import Testing

/// Secrets are replaced while passengers write: docs/security.md tells the steps.
@Suite struct SecretRotationTests {
    private static let phone = "+447700900123"
    private static let (old, new) = (String(repeating: "o", count: 40), String(repeating: "n", count: 40))

    /// A worker commits a code under the old secret and dies before it is sent; the next one makes codes with the new
    /// one, sends the very code that was committed, and takes it for right.
    @Test(.timeLimit(.minutes(1))) func aCodeOutlivesItsSecret() async throws {
        try await withProduct { product in
            let quick = ["QUEUE_LEASE_SECONDS": "2", "BACKFILL_INTERVAL_SECONDS": "0"]
            var processes = [try await product.start(.simulator), try await product.start(.ingest)]
            let first = try await product.start(.worker, quick.merging(["OTP_SECRET": Self.old]) { $1 })
            try await product.say("hi", sid: sid(1), from: Self.phone)
            try await until("the welcome is there") { try await chat(product).count == 1 }
            try await first.stop(SIGTERM)
            let doomed = try await product.start(
                .worker, quick.merging(["OTP_SECRET": Self.old, "FAULT_POINT": "after-commit"]) { $1 },
                untilReady: false)
            try await product.say("YES", sid: sid(2), from: Self.phone)
            let death = try await doomed.end()
            let committed = try await challenges(product)
            let sent = try await codes(product)
            #expect(death == .signal(SIGKILL) && committed == 1 && sent == [])

            let second = try await product.start(
                .worker, quick.merging(["OTP_SECRET": Self.new, "OTP_SECRET_SECONDARY": Self.old]) { $1 })
            try await until("the code is sent") { try await codes(product).count == 1 }
            let code = try #require(try await codes(product).first)
            try await product.say(code, sid: sid(3), from: Self.phone)
            try await until("the number is verified") {
                try await product.postgres.psql(
                    "SELECT count(*) FROM whatsapp_handler.users WHERE verified_at IS NOT NULL",
                    database: product.database) == "1"
            }
            processes.append(second)
            for process in processes.reversed() { try await process.stop(SIGTERM) }
        }
    }

    private func sid(_ number: Int) -> String { "SM" + String(repeating: "0", count: 31) + "\(number)" }

    private func chat(_ product: Product) async throws -> [String] {
        try await product.replies(to: "whatsapp:" + Self.phone)
    }

    private func codes(_ product: Product) async throws -> [String] {
        try await product.replies(to: Self.phone)
            .compactMap { $0.contains("is your Delay Repay code") ? String($0.prefix(6)) : nil }
    }

    private func challenges(_ product: Product) async throws -> Int {
        Int(
            try await product.postgres.psql(
                "SELECT count(*) FROM whatsapp_handler.otp_challenges", database: product.database)) ?? 0
    }
}
