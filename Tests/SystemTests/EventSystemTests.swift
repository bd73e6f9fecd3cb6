import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// What passengers do in the chat, through the built processes, as other services are told of it.
@Suite(.serialized) struct EventSystemTests {
    private static let phone = "+447700900123"
    private static let secret = "whsec_" + [UInt8](repeating: 7, count: 32).base64

    /// Every type of event is caused by what people write, and is on the stream and at the webhook as docs/events says.
    @Test(.timeLimit(.minutes(3)))
    func everyEventIsCausedAndToldAsDescribed() async throws {
        try await withProduct { product in
            try await withWebhookReceiver { receiver in
                let variables = [
                    "RELAY_SINKS": "redis,webhook", "RELAY_WEBHOOK_URL": receiver.url,
                    "RELAY_WEBHOOK_SECRET": Self.secret, "RELAY_MAX_LAG_SECONDS": "300",
                ]
                var processes: [ServerProcess] = []
                for program in [Product.Program.simulator, .ingest, .worker, .relay] {
                    processes.append(try await product.start(program, variables))
                }
                try await lock(out: "+447700900456", product)
                try await register(product)
                try await claimAndWithdraw(product)
                for (text, type) in [
                    ("language welsh", OutboxEventType.preferencesChanged), ("stop", .userOptedOut),
                    ("start", .userOptedIn),
                ] {
                    try await say([text], product)
                    try await told(type, product)
                }
                try await product.fault(#"{"kind": "undelivered", "errorCode": 63024}"#)
                try await say(["help"], product)
                try await told(.messageFailed, product)
                // An erasure takes the person's entries off the stream.
                let before = try await product.events()
                try await say(["delete my data", "yes"], product)
                try await told(.userDeleted, product)
                let ids = Set(before.compactMap { $0["id"] })
                let entries = before + (try await product.events()).filter { !ids.contains($0["id"] ?? "") }

                try await until("all are posted") { Set(receiver.deliveries.map(\.id)).count >= entries.count }
                for process in processes.reversed() { try await process.stop(SIGTERM) }

                let types = OutboxEventType.allCases.map(\.rawValue).sorted().joined(separator: " ")
                let lines = entries.map { object($0).text }
                #expect(
                    try await PythonProgram.checkEvents(["stream"], lines: lines) == "\(entries.count) events: \(types)"
                )
                let posted = receiver.deliveries.map { delivery in
                    JSONValue.object([
                        .init("secret", .string(Self.secret)), .init("headers", object(delivery.headers)),
                        .init("body", .string(delivery.body)),
                    ]).text
                }
                #expect(
                    try await PythonProgram.checkEvents(["webhook"], lines: posted)
                        == "\(posted.count) events: \(types)")
                let correlations = entries.compactMap { JSONValue(parsing: Array(($0["data"] ?? "").utf8)) }
                #expect(correlations.allSatisfy { $0["causation_id"]?.string?.isEmpty == false })
            }
        }
    }

    /// Ten wrong codes in a row, of two codes.
    private func lock(out phone: String, _ product: Product) async throws {
        try await say(["hi", "yes"], from: phone, product)
        try await until("a code has come") { try await product.replies(to: phone).count == 1 }
        let code = try await code(of: phone, product)
        let wrong = code == "123456" ? "123457" : "123456"
        try await say(Array(repeating: wrong, count: 5) + ["resend"], from: phone, product)
        try await until("another code has come") { try await product.replies(to: phone).count == 2 }
        let next = try await self.code(of: phone, product)
        try await say(Array(repeating: next == "123456" ? "123457" : "123456", count: 5), from: phone, product)
        try await told(.userLocked, product)
    }

    private func register(_ product: Product) async throws {
        try await say(["hi", "yes"], product)
        try await until("a code has come") { try await product.replies(to: Self.phone).count == 1 }
        try await say([code(of: Self.phone, product)], product)
        try await told(.userVerified, product)
    }

    private func claimAndWithdraw(_ product: Product) async throws {
        let chat = "whatsapp:" + Self.phone
        try await say(
            ["the 14:30 from leeds to york yesterday was 40 minutes late", "£12.50 standard advance"], product)
        try await until("a photo is asked for") {
            try await product.replies(to: chat).contains { $0.lowercased().contains("photo") }
        }
        var photo = HTTPRequest(
            .POST, product.url(.simulator, "/api/passengers/p1/photo"), body: Array("%PDF-1.7 ticket".utf8))
        photo.headers = ["Content-Type": "application/pdf"]
        #expect(try await product.http.send(photo).status == 201)
        try await until("it is attached") {
            try await product.replies(to: chat).contains { $0.contains("attached") }
        }
        try await say(["yes"], product)
        try await told(.journeyCreated, product)
        let event = try await product.events().first { $0["type"] == "journey.created" }
        let reference = try #require(JSONValue(parsing: Array((event?["data"] ?? "").utf8))?["reference"]?.string)
        try await say(["withdraw \(reference)"], product)
        try await told(.claimWithdrawn, product)
    }

    // MARK: Saying and being told

    private let numbers = Locked(0)

    /// Posts messages, which are handled in this order.
    private func say(_ texts: [String], from phone: String = phone, _ product: Product) async throws {
        for text in texts {
            let number = numbers.withLock { number in
                number += 1
                return String(number, radix: 16)
            }
            let sid = "SM" + String(repeating: "0", count: 32 - number.count) + number
            #expect(try await product.say(text, sid: sid, from: phone) == 200)
        }
    }

    private func code(of phone: String, _ product: Product) async throws -> String {
        let text = try await product.replies(to: phone).last ?? ""
        return try #require(text.firstRange(of: /[0-9]{6}/).map { String(text[$0]) })
    }

    private func told(_ type: OutboxEventType, _ product: Product) async throws {
        try await until("\(type.rawValue) is told") {
            try await product.events().contains { $0["type"] == type.rawValue }
        }
    }

    private func object(_ fields: [String: String]) -> JSONValue {
        .object(fields.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
    }
}
