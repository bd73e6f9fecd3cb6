import Common
import Glibc
import TestSupport
import Testing

/// A process dies before and after every effect it has; the next one finishes what it left: one effect, one reply, in
/// order, and no event twice.
@Suite(.crashGround) struct CrashTests {
    /// Short leases and a short wait for evidence, so that the test is one of order and not of patience.
    private static let quick = [
        "QUEUE_LEASE_SECONDS": "1", "REPLY_UNKNOWN_SECONDS": "6", "RELAY_LEASE_SECONDS": "1",
    ]
    private static let phone = "+447700900456"
    private static let first = "SM" + String(repeating: "1", count: 32)
    private static let second = "SM" + String(repeating: "2", count: 32)

    private static let ofIngest: [FaultPoint] = [.beforePush, .afterPush]
    private static let ofRelay: [FaultPoint] = [.beforePublish, .afterPublish, .afterCursor]
    /// Those of a template in place of a reply have tests of their own: `TemplateSystemTests`.
    private static let ofTemplates: [FaultPoint] = [.afterTemplate]
    /// Those of backfill too: `BackfillSystemTests`.
    private static let ofBackfill: [FaultPoint] = [.beforeBackfillPush, .afterBackfillPush]
    /// And those of events: `ClaimSystemTests`.
    private static let ofEvents: [FaultPoint] = [.beforeRoute, .afterRoute]
    /// And those of erasures: `ErasureCrashTests`.
    private static let ofErasures: [FaultPoint] = [.afterForget, .beforeCleaned]
    private static let elsewhere = ofIngest + ofRelay + ofTemplates + ofBackfill + ofEvents + ofErasures
    private static let ofWorker = FaultPoint.allCases.filter { !elsewhere.contains($0) }

    @Test(.timeLimit(.minutes(3)), arguments: ofWorker)
    func aWorkerThatDiesLosesAndRepeatsNothing(point: FaultPoint) async throws {
        try await SharedPostgres.withProduct { product in
            async let starting = product.start(.simulator)
            let ingest = try await product.start(.ingest)
            let simulator = try await starting
            try await prepare(point, product)
            try await product.say("hi", sid: Self.first, from: Self.phone)
            for deadly in deaths(point) {
                let doomed = try await start(.worker, product, deadly)
                #expect(try await doomed.end() == .signal(SIGKILL), "\(point.rawValue) is reached")
            }
            try await repair(point, product)
            let worker = try await product.start(.worker, Self.quick)
            try await product.say("what?", sid: Self.second, from: Self.phone)
            try await expectEachOnce(product, point)
            for process in [worker, ingest, simulator] { try await process.stop() }
        }
    }

    @Test(.timeLimit(.minutes(3)), arguments: ofIngest)
    func anIngestThatDiesIsToldAgain(point: FaultPoint) async throws {
        try await SharedPostgres.withProduct { product in
            let simulator = try await product.start(.simulator)
            let worker = try await product.start(.worker, Self.quick)
            let doomed = try await product.start(.ingest, ["FAULT_POINT": point.rawValue])
            await #expect(throws: HTTPError.self) {
                try await product.say("hi", sid: Self.first, from: Self.phone)
            }
            #expect(try await doomed.end() == .signal(SIGKILL), "\(point.rawValue) is reached")
            let ingest = try await product.start(.ingest)
            for (text, sid) in [("hi", Self.first), ("what?", Self.second)] {
                let status = try await product.say(text, sid: sid, from: Self.phone)
                #expect(status == 200, "\(point.rawValue)")
            }
            try await expectEachOnce(product, point)
            for process in [worker, ingest, simulator] { try await process.stop() }
        }
    }

    @Test(.timeLimit(.minutes(3)), arguments: ofRelay)
    func aRelayThatDiesPublishesEachEventOnce(point: FaultPoint) async throws {
        try await SharedPostgres.withProduct { product in
            async let starting = product.start(.simulator)
            let ingest = try await product.start(.ingest)
            let simulator = try await starting
            let worker = try await product.start(.worker, Self.quick)
            let doomed = try await start(.relay, product, point.rawValue)
            try await product.say("hi", sid: Self.first, from: Self.phone)
            #expect(try await doomed.end() == .signal(SIGKILL), "\(point.rawValue) is reached")
            let relay = try await product.start(.relay, Self.quick)
            try await product.say("STOP", sid: Self.second, from: Self.phone)
            try await expectEachOnce(product, point, events: 2)
            try await until("both events are in the stream") { try await product.events().count >= 2 }
            let types = try await product.events().map { $0["type"] }
            #expect(types == ["user.registered", "user.opted_out"], "\(point.rawValue)")
            for process in [relay, worker, ingest, simulator] { try await process.stop() }
        }
    }

    // MARK: How a point is reached

    private func start(_ program: Product.Program, _ product: Product, _ fault: String) async throws -> ServerProcess {
        try await product.start(program, Self.quick.merging(["FAULT_POINT": fault]) { $1 }, untilReady: false)
    }

    /// What the workers that die one after the other die of.
    private func deaths(_ point: FaultPoint) -> [String] {
        switch point {
        // A message is taken a second time when the first one who had it died after the commit.
        case .beforeRetake, .afterRetake: [FaultPoint.afterCommit.rawValue, point.rawValue]
        default: [point.rawValue]
        }
    }

    private func prepare(_ point: FaultPoint, _ product: Product) async throws {
        switch point {
        case .beforePark, .afterPark:
            try await product.fault(#"{"kind": "reset"}"#)
        case .beforeLookup, .afterLookup, .afterEvidence:
            // The answer is lost and no callback comes: only the provider's list knows.
            try await product.fault(#"{"kind": "reset"}"#)
            try await product.fault(#"{"kind": "dropCallback", "times": 3}"#)
        case .beforeRetry, .afterRetry:
            try await alterUsers(product, "ADD CONSTRAINT users_refused_for_a_test CHECK (false) NOT VALID")
        default: break
        }
    }

    private func repair(_ point: FaultPoint, _ product: Product) async throws {
        guard point == .beforeRetry || point == .afterRetry else { return }
        try await alterUsers(product, "DROP CONSTRAINT users_refused_for_a_test")
    }

    private func alterUsers(_ product: Product, _ change: String) async throws {
        try await product.postgres.psql("ALTER TABLE whatsapp_handler.users \(change)", database: product.database)
    }

    // MARK: What is left

    private func expectEachOnce(_ product: Product, _ point: FaultPoint, events: Int = 1) async throws {
        let chat = "whatsapp:" + Self.phone
        try await until("\(point.rawValue): both messages are answered", within: .seconds(60)) {
            try await product.replies(to: chat).count >= 2
        }
        try await until("\(point.rawValue): both are settled") {
            try await product.postgres.psql(
                "SELECT count(*) FROM whatsapp_handler.outbound_messages WHERE state IN ('sending', 'unknown')",
                database: product.database) == "0"
        }
        let replies = try await product.replies(to: chat)
        #expect(replies.count == 2, "\(point.rawValue): one reply a message")
        #expect(replies.first?.contains("/terms") == true, "\(point.rawValue): in order")
        let counts = try await product.postgres.psql(
            """
            SELECT (SELECT count(*) FROM whatsapp_handler.inbound_messages WHERE processed_at IS NOT NULL),
                   (SELECT count(*) FROM whatsapp_handler.users),
                   (SELECT count(*) FROM whatsapp_handler.outbox_events)
            """, database: product.database)
        #expect(counts == "2|1|\(events)", "\(point.rawValue): each effect once")
        let dead = try await product.redisCommand("LLEN", "{wa:0}:dead").int
        #expect(dead == 0, "\(point.rawValue): nothing is given up on")
    }
}
