import Common
import Glibc
import Logging
import NIOHTTP1
import ServiceLifecycle
import TestSupport
import Testing

/// A ticket that Twilio is slow to give, through the built worker.
@Suite(.serialized) struct SlowTicketTests {
    private static let phone = "+447700900123"
    private static let root = "/2010-04-01/Accounts/\(Product.accountSID)/"

    /// A fetch that takes most of the handler's time leaves the sending of the reply to the next claim.
    ///
    /// It comes once, and nothing is fetched again. The second ticket takes longer than a fetch may: the passenger is
    /// asked for it again.
    @Test(.timeLimit(.minutes(2)))
    func theReplyComesOnceAllTheSame() async throws {
        let replies = Locked<[String]>([])
        let fetches = Locked(0)
        var router = Router()
        router.onAsync(.GET, Self.root + "Messages/*") { request in
            fetches.withLock { $0 += 1 }
            try? await Task.sleep(for: request.path.hasSuffix("slow") ? .seconds(3) : .seconds(20))
            return HTTPServerResponse(status: .ok, body: .bytes(Array("%PDF-1.7".utf8)))
        }
        router.onAsync(.POST, Self.root + "Messages.json") { request in
            let text = FormParameters(parsing: request.bytes)?["Body"] ?? ""
            let number = replies.withLock { replies in
                replies.append(text)
                return replies.count
            }
            return .json(#"{"sid":"SM\#(String(repeating: "0", count: 31))\#(number)"}"#, status: .created)
        }
        try await serve(router) { address in
            try await withProduct { product in
                let ingest = try await product.start(.ingest)
                let worker = try await product.start(
                    .worker, ["TWILIO_API_BASE_URL": address, "BACKFILL_INTERVAL_SECONDS": "0"])
                try await product.postgres.psql(
                    """
                    INSERT INTO whatsapp_handler.users (sender, phone_number, verified_at, terms_accepted_at, terms_version)
                    VALUES ('whatsapp:\(Self.phone)', '\(Self.phone)', now(), now(), '1')
                    """, database: product.database)
                try await send("slow", number: 1, address, product)
                try await until("it is answered") { replies.withLock { $0.count } == 1 }
                #expect(replies.withLock { $0[0] }.contains("your ticket is attached"))
                try await send("stuck", number: 2, address, product)
                try await until("it is answered") { replies.withLock { $0.count } == 2 }
                #expect(replies.withLock { $0[1] }.contains("did not come through"))
                #expect(fetches.withLock { $0 } == 2)
                let kept = try await product.postgres.psql(
                    "SELECT url, encode(content, 'escape') FROM whatsapp_handler.claim_media",
                    database: product.database)
                #expect(kept == "\(address)\(Self.root)Messages/MM1/Media/slow|%PDF-1.7", "the first one stays")
                for process in [worker, ingest] { try await process.stop(SIGTERM) }
            }
        }
    }

    /// Posts a message with a file as Twilio would.
    private func send(_ file: String, number: Int, _ address: String, _ product: Product) async throws {
        let sid = "MM" + String(repeating: "0", count: 31) + "\(number)"
        let status = try await product.post([
            ("MessageSid", sid), ("AccountSid", Product.accountSID), ("From", "whatsapp:" + Self.phone),
            ("To", Product.whatsAppNumber), ("Body", ""), ("NumMedia", "1"), ("MessageType", "document"),
            ("MediaContentType0", "application/pdf"),
            ("MediaUrl0", "\(address)\(Self.root)Messages/MM\(number)/Media/\(file)"),
        ])
        guard status == 200 else { throw HarnessError("the message was answered \(status)") }
    }

    private func serve(_ router: Router, _ body: (String) async throws -> Void) async throws {
        let port = Locked<Int?>(nil)
        var logger = Logger(label: "twilio")
        logger.logLevel = .critical
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(port: 0), router: router, logger: logger
        ) { bound in port.withLock { $0 = bound } }
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await until("Twilio listens") { port.withLock { $0 } != nil }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body("http://127.0.0.1:\(port.withLock { $0 ?? 0 })"))
            } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            tasks.cancelAll()
            try? await tasks.waitForAll()
            try result.get()
        }
    }
}
