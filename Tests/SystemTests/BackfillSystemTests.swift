import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// Messages that never arrived are found in the provider's list and answered: through the built processes.
@Suite(.serialized) struct BackfillSystemTests {
    /// Impatient, so that the tests are of what happens and not of when.
    let quick = [
        "BACKFILL_DELAY_SECONDS": "1", "BACKFILL_INTERVAL_SECONDS": "2", "QUEUE_LEASE_SECONDS": "1",
        "REPLY_UNKNOWN_SECONDS": "6",
    ]
    /// The passenger that the simulator starts with.
    let chat = "whatsapp:+447700900123"

    @Test(.timeLimit(.minutes(2)))
    func whatCameWhileIngestWasDownIsAnsweredOnce() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let worker = try await product.start(.worker, quick)
            try await beganReading(product)
            var sids: [String] = []
            for text in ["hi", "what?", "help"] { sids.append(try await write(text, product)) }
            try await until("all are answered", within: .seconds(40)) {
                try await product.replies(to: chat).count >= 3
            }
            let ingest = try await product.start(.ingest)
            sids.append(try await write("again", product))
            try await until("the next one is answered") { try await product.replies(to: chat).count >= 4 }
            // Two further rounds find nothing.
            try await nextRound(product)
            try await nextRound(product)
            try await eachOnce(sids, product)
            let metrics = try await product.http.send(HTTPRequest(.GET, product.url(.worker, "/metrics"))).text
            #expect(metrics.contains("\nwhatsapp_backfilled_total 3\n"))
            for process in [worker, ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }

    /// Redis comes back without the last pushes that it had acknowledged.
    @Test(.timeLimit(.minutes(2)))
    func aRedisThatLostItsTailLosesNoMessage() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest)
            // No round but those that the loss itself brings about.
            let worker = try await product.start(
                .worker, quick.merging(["BACKFILL_INTERVAL_SECONDS": "3600"]) { $1 })
            try await beganReading(product)
            await worker.send(SIGSTOP)
            var sids: [String] = []
            for number in 1...5 {
                sids.append(try await write("message \(number)", product))
                try await until("it is in the queue") {
                    let staged = try await product.redisCommand("LLEN", "{wa:0}:stage").int ?? 0
                    let waiting = try await product.redisCommand("LLEN", "{wa:0}:in").int ?? 0
                    return staged + waiting == number
                }
            }
            // The stopped worker's waiting connection may have been handed the first one.
            try await product.redisCommand("LTRIM", "{wa:0}:in", "0", "1")
            try await product.redis.kill()
            try await product.redis.start()
            await worker.send(SIGCONT)
            try await until("all are answered", within: .seconds(60)) {
                try await product.replies(to: chat).count >= 5
            }
            try await eachOnce(sids, product)
            for process in [worker, ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }

    /// A worker dies right before or right after a push: the watermark has not passed the message.
    @Test(.timeLimit(.minutes(2)), arguments: [FaultPoint.beforeBackfillPush, .afterBackfillPush])
    func aWorkerThatDiesWhilePushingLosesAndRepeatsNothing(point: FaultPoint) async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            try await beginReading(product)
            var sids: [String] = []
            for text in ["hi", "what?"] { sids.append(try await write(text, product)) }
            try await until("they are old enough to be missed") {
                try await product.postgres.psql(
                    "SELECT now() - read_until > interval '3 s' FROM whatsapp_handler.backfill_watermark",
                    database: product.database) == "t"
            }
            let before = try await watermark(product)
            let doomed = try await product.start(
                .worker, quick.merging(["FAULT_POINT": point.rawValue]) { $1 }, untilReady: false)
            #expect(try await doomed.end() == .signal(SIGKILL), "\(point.rawValue) is reached")
            #expect(try await watermark(product) == before, "the watermark passes nothing that is not pushed")
            // What time would do.
            try await product.postgres.psql(
                "UPDATE whatsapp_handler.backfill_watermark SET leased_until = now()", database: product.database)
            let worker = try await product.start(.worker, quick)
            try await until("both are answered", within: .seconds(60)) {
                try await product.replies(to: chat).count >= 2
            }
            try await nextRound(product)
            try await eachOnce(sids, product)
            for process in [worker, simulator] { try await process.stop(SIGTERM) }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func aPhotoIsFoundWithItsAddress() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest)
            let worker = try await product.start(.worker, quick)
            try await beganReading(product)
            let fault = try await product.http.send(
                HTTPRequest(
                    .POST, product.url(.simulator, "/api/faults"),
                    body: Array(#"{"kind":"dropWebhook"}"#.utf8)))
            #expect(fault.status == 201)
            var photo = HTTPRequest(
                .POST, product.url(.simulator, "/api/passengers/p1/photo?caption=my+ticket"), body: [0xFF, 0xD8, 0xFF])
            photo.headers = ["Content-Type": "image/jpeg"]
            #expect(try await product.http.send(photo).status == 201)
            try await until("it is answered", within: .seconds(40)) {
                try await product.replies(to: chat).count == 1
            }
            let raw = try await product.postgres.psql(
                "SELECT convert_from(raw, 'UTF8') FROM whatsapp_handler.inbound_messages", database: product.database)
            #expect(raw.contains("NumMedia=1") && raw.contains("MediaContentType0=image%2Fjpeg"))
            #expect(raw.contains("MediaUrl0=http") && raw.contains("Backfilled=true"))
            for process in [worker, ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }

    // MARK: The passenger, and what became of what was written

    /// Has the passenger write; the simulator tells ingest, if there is one, as Twilio does.
    private func write(_ text: String, _ product: Product) async throws -> String {
        let answer = try await product.http.send(
            HTTPRequest(
                .POST, product.url(.simulator, "/api/passengers/p1/messages"),
                body: Array(#"{"text":"\#(text)"}"#.utf8)))
        guard answer.status == 201, let sid = answer.text.firstMatch(of: /SM[0-9a-f]{32}/) else {
            throw HarnessError("the simulator answered \(answer.status)")
        }
        return String(sid.0)
    }

    private func beganReading(_ product: Product) async throws {
        try await until("there is a watermark") { try await !watermark(product).isEmpty }
    }

    /// As if a worker had run before.
    private func beginReading(_ product: Product) async throws {
        try await product.postgres.psql(
            "INSERT INTO whatsapp_handler.backfill_watermark (read_until) VALUES (now())", database: product.database)
    }

    private func watermark(_ product: Product) async throws -> String {
        try await product.postgres.psql(
            "SELECT read_until FROM whatsapp_handler.backfill_watermark", database: product.database)
    }

    private func nextRound(_ product: Product) async throws {
        let query = "SELECT updated_at FROM whatsapp_handler.backfill_watermark"
        let before = try await product.postgres.psql(query, database: product.database)
        try await until("a round is over", within: .seconds(40)) {
            try await product.postgres.psql(query, database: product.database) != before
        }
    }

    /// Every message has one row and one reply, in the order in which they were written.
    private func eachOnce(_ sids: [String], _ product: Product) async throws {
        try await until("all is settled") {
            let owned = try await product.redisCommand("HLEN", "{wa:0}:own").int
            let waiting = try await product.redisCommand("LLEN", "{wa:0}:in").int
            return owned == 0 && waiting == 0
        }
        let handled = try await product.postgres.psql(
            "SELECT string_agg(message_sid, ' ' ORDER BY sequence) FROM whatsapp_handler.inbound_messages WHERE kind = 'message'",
            database: product.database)
        #expect(handled == sids.joined(separator: " "))
        #expect(try await product.replies(to: chat).count == sids.count)
    }
}
