import Common
import Glibc
import TestSupport
import Testing

/// A reply that comes too late for WhatsApp's 24-hour window, through the whole service.
@Suite(.serialized) struct TemplateSystemTests {
    private let template = "HX" + String(repeating: "7", count: 32)
    private let phone = "+447700900456"

    /// The worker dies between writing the template down and sending it; the next one sends it, once.
    @Test(.timeLimit(.minutes(1)))
    func aWorkerThatDiesBeforeATemplateSendsItOnceAllTheSame() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest)
            let variables = [
                "TWILIO_TEMPLATE_REPLY": template, "QUEUE_LEASE_SECONDS": "1", "REPLY_UNKNOWN_SECONDS": "6",
            ]
            try await product.fault(#"{"kind": "undelivered", "errorCode": 63016}"#)
            let doomed = try await product.start(
                .worker, variables.merging(["FAULT_POINT": FaultPoint.afterTemplate.rawValue]) { $1 })
            try await product.say("hi", sid: "SM" + String(repeating: "1", count: 32), from: phone)
            #expect(try await doomed.end() == .signal(SIGKILL))
            let worker = try await product.start(.worker, variables)
            let chat = "whatsapp:" + phone
            try await until("the template has come") { try await product.replies(to: chat).count == 2 }
            try await until("it is delivered") {
                try await states(product).hasPrefix("undelivered|63016\nread")
            }
            let replies = try await product.replies(to: chat)
            #expect(replies.last?.hasPrefix("Template \(template)") == true)
            try await until("the reports are settled") {
                try await product.redisCommand("HLEN", "{wa:0}:own").int == 0
            }
            #expect(try await product.replies(to: chat).count == 2, "once")
            let events = try await product.postgres.psql(
                "SELECT event_type FROM whatsapp_handler.outbox_events", database: product.database)
            #expect(events == "user.registered", "nobody is told of a failure")
            for process in [worker, ingest, simulator] { try await process.stop() }
        }
    }

    private func states(_ product: Product) async throws -> String {
        try await product.postgres.psql(
            "SELECT state, coalesce(error_code, '') FROM whatsapp_handler.outbound_messages ORDER BY position",
            database: product.database)
    }
}
