import Common
import Glibc
import TestSupport
import Testing

/// The worker dies at every named point of its work; the next one finishes what it left: one effect, one reply.
@Suite(.serialized) struct CrashTests {
    @Test(.timeLimit(.minutes(3)), arguments: FaultPoint.allCases)
    func aWorkerThatDiesLosesAndRepeatsNothing(point: FaultPoint) async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest)
            // Short leases and a short wait for evidence, so that the test is one of order and not of patience.
            let quick = ["QUEUE_LEASE_SECONDS": "1", "REPLY_UNKNOWN_SECONDS": "6"]
            let phone = "+447700900456"
            let doomed = try await product.start(.worker, quick.merging(["FAULT_POINT": point.rawValue]) { $1 })
            try await product.say("hi", sid: "SM" + String(repeating: "1", count: 32), from: phone)
            #expect(try await doomed.end() == .signal(SIGKILL))

            let worker = try await product.start(.worker, quick)
            try await product.say("what?", sid: "SM" + String(repeating: "2", count: 32), from: phone)
            let chat = "whatsapp:" + phone
            try await until("both messages are answered", within: .seconds(60)) {
                try await product.replies(to: chat).count >= 2
            }
            try await until("both are settled") {
                try await product.postgres.psql(
                    "SELECT count(*) FROM whatsapp_handler.outbound_messages WHERE state IN ('sending', 'unknown')",
                    database: product.database) == "0"
            }
            let replies = try await product.replies(to: chat)
            #expect(replies.count == 2, "\(point.rawValue): one reply a message")
            #expect(replies.first?.contains("/terms") == true, "in order")
            let counts = try await product.postgres.psql(
                """
                SELECT (SELECT count(*) FROM whatsapp_handler.inbound_messages),
                       (SELECT count(*) FROM whatsapp_handler.users),
                       (SELECT count(*) FROM whatsapp_handler.outbox_events)
                """, database: product.database)
            #expect(counts == "2|1|1", "\(point.rawValue): each effect once")
            for process in [worker, ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }
}
