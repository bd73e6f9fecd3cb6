import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// A claim from the chat to its outcome, through the built processes.
@Suite(.serialized) struct ClaimSystemTests {
    private static let secret = "whsec_" + [UInt8](repeating: 7, count: 32).base64
    private static let template = "HX" + String(repeating: "8", count: 32)
    private static let phone = "+447700900123"
    private static let user = "0190f3c2-0000-7000-8000-000000000002"
    private var chat: String { "whatsapp:" + Self.phone }

    @Test(.timeLimit(.minutes(3)))
    func aClaimIsMadeAndItsOutcomeToldOnce() async throws {
        try await withProduct { product in
            let processes = try await start(product)
            try await register(product)

            let pdf = Array("%PDF-1.7 my ticket".utf8)
            for (number, text) in [
                "the 14:30 from leeds to york yesterday was 40 minutes late", "£12.50 standard advance",
            ].enumerated() {
                try await product.say(text, sid: sid(number), from: Self.phone)
                try await replies(number + 1, product)
            }
            // What says that it is a photo, and is none, is not taken.
            try await upload(Array("<html>".utf8), product)
            try await replies(3, product)
            #expect(try await last(product).contains("I can only use a photo"))
            try await upload([0xFF, 0xD8, 0xFF, 0xE0], product)
            try await replies(4, product)
            #expect(try await last(product).contains("Photo of the ticket: attached"))
            // The second upload replaces the first.
            try await upload(pdf, product)
            try await replies(5, product)
            try await product.say("YES", sid: sid(9), from: Self.phone)
            try await replies(6, product)
            let reference = try #require(try await last(product).firstMatch(of: /DR-[0-9A-Z]{6}/).map { String($0.0) })

            let claim = try await psql(
                product,
                """
                SELECT reference, origin_crs, destination_crs, reported_delay_minutes, cancelled, ticket_fare_pence, ticket_class,
                       ticket_type, ticket_media_type, ticket_media_bytes, status, encode(ticket_media_sha256, 'hex'),
                       to_char(scheduled_departure AT TIME ZONE 'Europe/London', 'HH24:MI')
                  FROM whatsapp_handler.claims
                """)
            let hash = SHA256.digest(of: pdf).hex
            #expect(
                claim == "\(reference)|LDS|YRK|40|f|1250|standard|advance|application/pdf|18|submitted|\(hash)|14:30")
            #expect(
                try await psql(product, "SELECT encode(content, 'escape') FROM whatsapp_handler.claim_media")
                    == "%PDF-1.7 my ticket")
            try await until("the journey is told") { try await product.events().count == 1 }
            let event = try await product.events()[0]
            #expect(event["type"] == "journey.created" && event["subject"] == Self.user)
            #expect(event["data"]?.contains(reference) == true)

            let journey = try await psql(product, "SELECT id FROM whatsapp_handler.claims")
            let outcome = #""eligible":true,"compensation_pence":625,"delay_minutes":41,"later":{}"#
            try await tell(outcome, of: journey, id: "e1", at: 10, product)
            try await replies(7, product)
            #expect(try await last(product).contains("\(reference) (Leeds to York"))
            #expect(try await last(product).contains("is accepted. The compensation is £6.25."))
            // Again, again under another name, and one that was made before.
            try await tell(outcome, of: journey, id: "e1", at: 10, product)
            try await tell(outcome, of: journey, id: "e2", at: 11, product)
            try await tell(#""eligible":false"#, of: journey, id: "e3", at: 9, product)
            try await tell(#""eligible":false"#, of: Self.user, id: "e4", at: 12, product)
            try await product.say("STATUS", sid: sid(10), from: Self.phone)
            try await replies(8, product)
            #expect(try await last(product).contains("\(reference): Leeds to York"))
            #expect(try await last(product).contains("accepted, £6.25"))
            try await recorded(4, product)
            // Redis has forgotten everything: Postgres has not.
            try await settled(product)
            try await product.redisCommand("FLUSHALL")
            try await tell(#""eligible":false"#, of: journey, id: "e1", at: 12, product)
            try await settled(product)
            #expect(try await psql(product, "SELECT status FROM whatsapp_handler.claims") == "eligible")
            #expect(try await product.replies(to: chat).count == 8)

            // After a day a template goes in place of words.
            try await psql(
                product, "UPDATE whatsapp_handler.users SET last_inbound_at = now() - interval '25 hours'")
            try await tell(#""eligible":false,"reason":"strike""#, of: journey, id: "e5", at: 13, product)
            try await replies(9, product)
            #expect(try await last(product).hasPrefix("Template \(Self.template)"))
            #expect(try await psql(product, "SELECT status FROM whatsapp_handler.claims") == "ineligible")

            // And nothing at all to who said stop.
            try await psql(product, "UPDATE whatsapp_handler.users SET opted_out_at = now()")
            try await tell(outcome, of: journey, id: "e6", at: 14, product)
            try await until("it counts") {
                try await psql(product, "SELECT status FROM whatsapp_handler.claims") == "eligible"
            }
            // Of a user whom nobody knows.
            let stranger = "0190f3c2-0000-7000-8000-00000000000f"
            try await tell(outcome, of: journey, id: "e7", at: 15, user: stranger, product)
            try await recorded(7, product)
            try await settled(product)
            #expect(try await product.replies(to: chat).count == 9)
            for process in processes.reversed() { try await process.stop(SIGTERM) }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func aClaimIsWithdrawn() async throws {
        try await withProduct { product in
            let processes = try await start(product)
            try await register(product)
            try await psql(
                product,
                """
                INSERT INTO whatsapp_handler.claims (user_id, reference, origin_crs, destination_crs, scheduled_departure)
                VALUES ('\(Self.user)', 'DR-7K3M9Q', 'LDS', 'YRK', now() - interval '1 day')
                """)
            try await product.say("withdraw dr-7k3m9q", sid: sid(1), from: Self.phone)
            try await replies(1, product)
            #expect(try await last(product).contains("Your claim DR-7K3M9Q is withdrawn."))
            #expect(try await psql(product, "SELECT status FROM whatsapp_handler.claims") == "withdrawn")
            try await until("it is told") { try await product.events().map { $0["type"] } == ["claim.withdrawn"] }
            let journey = try await psql(product, "SELECT id FROM whatsapp_handler.claims")
            try await tell(#""eligible":true"#, of: journey, id: "late", at: 1, product)
            try await recorded(1, product)
            #expect(try await psql(product, "SELECT status FROM whatsapp_handler.claims") == "withdrawn")
            for process in processes.reversed() { try await process.stop(SIGTERM) }
        }
    }

    /// Messages of a person and events about them at once: neither waits for the other's lease, none is lost or twice.
    @Test(.timeLimit(.minutes(2)))
    func messagesAndEventsOfOnePersonTakeTurns() async throws {
        try await withProduct { product in
            let processes = try await start(product)
            try await register(product)
            let rounds = 12
            for number in 0..<rounds {
                try await psql(
                    product,
                    """
                    INSERT INTO whatsapp_handler.claims (id, user_id, reference, origin_crs, destination_crs, scheduled_departure)
                    VALUES ('\(journey(number))', '\(Self.user)', 'DR-\(number)', 'LDS', 'YRK', now() - interval '1 day')
                    """)
            }
            let started = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<rounds { try await product.say("help", sid: sid(number), from: Self.phone) }
                }
                for number in 0..<rounds {
                    group.addTask {
                        try await tell(#""eligible":true"#, of: journey(number), id: "e\(number)", at: number, product)
                    }
                }
                try await group.waitForAll()
            }
            try await replies(rounds * 2, product)
            try await settled(product)
            #expect(try await product.replies(to: chat).count == rounds * 2)
            // The lease lasts a minute: nobody had to wait for one to run out.
            #expect(ContinuousClock.now - started < .seconds(45))
            #expect(
                try await psql(
                    product,
                    """
                    SELECT string_agg(message_sid, ' ' ORDER BY sequence) FROM whatsapp_handler.inbound_messages
                     WHERE kind = 'message'
                    """) == (0..<rounds).map { sid($0) }.joined(separator: " "))
            let metrics = try await product.http.send(HTTPRequest(.GET, product.url(.worker, "/metrics"))).text
            #expect(!metrics.contains(#"whatsapp_messages_processed_total{outcome="lost"}"#))
            #expect(metrics.contains(#"whatsapp_messages_processed_total{outcome="routed"} \#(rounds)"#))
            for process in processes.reversed() { try await process.stop(SIGTERM) }
        }
    }

    /// The worker dies before and after it brings an event to its person.
    @Test(.timeLimit(.minutes(2)), arguments: [FaultPoint.beforeRoute, .afterRoute])
    func aWorkerThatDiesWithAnEventTellsItOnceAllTheSame(point: FaultPoint) async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest, ["EVENTS_WEBHOOK_SECRET": Self.secret])
            try await register(product)
            try await psql(
                product,
                """
                INSERT INTO whatsapp_handler.claims (id, user_id, reference, origin_crs, destination_crs, scheduled_departure)
                VALUES ('\(journey(1))', '\(Self.user)', 'DR-1', 'LDS', 'YRK', now() - interval '1 day')
                """)
            let quick = ["QUEUE_LEASE_SECONDS": "1"]
            let doomed = try await product.start(.worker, quick.merging(["FAULT_POINT": point.rawValue]) { $1 })
            try await tell(#""eligible":true"#, of: journey(1), id: "e1", at: 1, product)
            #expect(try await doomed.end() == .signal(SIGKILL), "\(point.rawValue) is reached")
            let worker = try await product.start(.worker, quick)
            try await replies(1, product)
            try await settled(product)
            #expect(try await product.replies(to: chat).count == 1)
            #expect(
                try await psql(product, "SELECT message_sid FROM whatsapp_handler.inbound_messages") == "event:e1")
            for process in [worker, ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }

    // MARK: The service, and a passenger who is registered

    private func start(_ product: Product) async throws -> [ServerProcess] {
        let variables = [
            "EVENTS_WEBHOOK_SECRET": Self.secret, "TWILIO_TEMPLATE_EVALUATION": Self.template,
            "QUEUE_LEASE_SECONDS": "60",
        ]
        var processes: [ServerProcess] = []
        for program in [Product.Program.simulator, .ingest, .worker, .relay] {
            processes.append(try await product.start(program, variables))
        }
        return processes
    }

    private func register(_ product: Product) async throws {
        try await psql(
            product,
            """
            INSERT INTO whatsapp_handler.users
              (id, sender, phone_number, display_name, verified_at, terms_accepted_at, terms_version, last_inbound_at)
            VALUES ('\(Self.user)', '\(chat)', '\(Self.phone)', 'Ada', now(), now(), '1', now())
            """)
    }

    private func upload(_ bytes: [UInt8], _ product: Product) async throws {
        var photo = HTTPRequest(.POST, product.url(.simulator, "/api/passengers/p1/photo"), body: bytes)
        photo.headers = ["Content-Type": bytes.starts(with: Array("%PDF".utf8)) ? "application/pdf" : "image/jpeg"]
        let answer = try await product.http.send(photo)
        guard answer.status == 201 else { throw HarnessError("the simulator answered \(answer.status)") }
    }

    /// Posts an evaluation as the service that makes them; `at` is the minute of its own clock.
    private func tell(
        _ fields: String, of journey: String, id: String, at minute: Int, user: String = user,
        _ product: Product
    ) async throws {
        let stamp = (Timestamp.now + .seconds(minute * 60)).rfc3339
        let data = #""journey_id":"\#(journey)","user_id":"\#(user)",\#(fields)"#
        let body = #"{"type":"evaluation.completed","timestamp":"\#(stamp)","data":{\#(data)}}"#
        let status = try await product.post(event: body, id: id, secret: Self.secret)
        guard status == 202 else { throw HarnessError("the event was answered \(status)") }
    }

    // MARK: What came of it

    private func replies(_ count: Int, _ product: Product) async throws {
        try await until("there are \(count) replies", within: .seconds(40)) {
            try await product.replies(to: chat).count >= count
        }
    }

    private func last(_ product: Product) async throws -> String { try await product.replies(to: chat).last ?? "" }

    private func recorded(_ count: Int, _ product: Product) async throws {
        try await until("\(count) events are recorded") {
            try await psql(
                product, "SELECT count(*) FROM whatsapp_handler.inbound_messages WHERE kind = 'event'") == "\(count)"
        }
    }

    private func settled(_ product: Product) async throws {
        try await until("all is settled") {
            var waiting = 0
            for list in ["in", "stage", "ready"] {
                waiting += try await product.redisCommand("LLEN", .init("{wa:0}:\(list)")).int ?? 0
            }
            for set in ["lease", "delay"] {
                waiting += try await product.redisCommand("ZCARD", .init("{wa:0}:\(set)")).int ?? 0
            }
            return waiting == 0
        }
    }

    @discardableResult
    private func psql(_ product: Product, _ sql: String) async throws -> String {
        try await product.postgres.psql(sql, database: product.database)
    }

    private func sid(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "SM" + String(repeating: "0", count: 32 - digits.count) + digits
    }

    private func journey(_ number: Int) -> String {
        "0190f3c2-0000-7000-8000-0000000001" + (number < 10 ? "0" : "") + "\(number)"
    }
}
