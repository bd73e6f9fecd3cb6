import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// Every metric there is is moved by a test: most by a day in the life of the built processes, the others where
/// `MetricLedger` says.
@Suite(.serialized) struct MetricLedgerTests {
    private static let root = String(
        #filePath.dropLast("/Tests/SystemTests/Telemetry/MetricLedgerTests.swift".count))

    /// The samples of each family, of all processes, as they were and as they are.
    private struct Ledger {
        private var start: [String: Set<Substring>] = [:]
        private(set) var moved: Set<MetricName> = []

        /// Notes how a process' page begins.
        mutating func open(_ page: String, of program: String) {
            for (name, samples) in Self.families(page) { start[program + name.rawValue] = samples }
        }

        /// Notes what is no longer as it was; a family that was not there at the start must have a value other than 0.
        mutating func look(_ page: String, of program: String) {
            for (name, samples) in Self.families(page) {
                let before = start[program + name.rawValue] ?? []
                if samples.subtracting(before).contains(where: { !$0.hasSuffix(" 0") }) { moved.insert(name) }
            }
        }

        private static func families(_ page: String) -> [MetricName: Set<Substring>] {
            var families: [MetricName: Set<Substring>] = [:]
            for line in page.split(separator: "\n") where !line.hasPrefix("#") {
                let series = String(line.prefix { $0 != "{" && $0 != " " })
                let name = ["", "_bucket", "_sum", "_count"].lazy.compactMap { suffix in
                    series.hasSuffix(suffix) ? MetricName(rawValue: String(series.dropLast(suffix.count))) : nil
                }.first
                if let name { families[name, default: []].insert(line) }
            }
            return families
        }
    }

    @Test(.timeLimit(.minutes(4))) func everyMetricIsMovedHereOrWhereTheLedgerSays() async throws {
        var moved: Set<MetricName> = []
        try await withErasureGround(programs: [.simulator]) { ground in moved = try await live(ground) }
        let elsewhere = Set(MetricLedger.elsewhere.keys)
        let missing = Set(MetricName.allCases).subtracting(moved).subtracting(elsewhere)
        #expect(missing == [], "no test moves them: have one do so, and MetricLedger say which")
    }

    /// A registration, a claim, its evaluation, an erasure; a forged webhook, a repeated one, old rows, a lost database.
    private func live(_ ground: ErasureGround) async throws -> Set<MetricName> {
        let product = ground.product
        var ledger = Ledger()
        var processes: [ServerProcess] = []
        try await ground.sql(
            """
            INSERT INTO dead_letters (message_sid, sender, reason, at)
            VALUES ('SMold', 'whatsapp:+15550100', 'deliveries', now() - interval '91 days')
            """)
        for program in [Product.Program.ingest, .worker, .relay] {
            processes.append(try await product.start(program, ["EVENTS_WEBHOOK_SECRET": ErasureGround.secret]))
            ledger.open(try await page(program, product), of: program.rawValue)
        }
        func look(_ program: Product.Program) async throws {
            ledger.look(try await page(program, product), of: program.rawValue)
        }

        let phone = try await ground.phone("Zebedee Quillfeather", "+447700900877")
        try await ground.live(phone, word: "marzipan")
        let sid = "SM" + String(repeating: "7", count: 32)
        for _ in 1...2 { try await product.say("hello again", sid: sid, from: phone.number) }
        var forged = HTTPRequest(.POST, product.url(.ingest, "/webhook/twilio"), body: Array("Body=x".utf8))
        forged.headers = ["Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "forged"]
        #expect(try await product.http.send(forged).status == 403)
        try await until("events are published") { try await product.events().count >= 3 }
        try await until("the relay says so") {
            try await look(.relay)
            return ledger.moved.contains(.outboxPublished)
        }
        // Nobody tells the relay's readers that someone is gone: the erasure stays open.
        try await processes[2].stop(SIGTERM)
        try await ground.say("DELETE MY DATA", phone)
        try await ground.say("YES", phone)
        try await until("what comes with time has come", within: .seconds(60)) {
            try await look(.worker)
            return ledger.moved.isSuperset(of: [.erasuresOpen, .retentionDeleted, .replyStatus, .queueDeliveries])
        }
        try await look(.ingest)
        try await product.postgres.process.stop(SIGQUIT)
        try await until("the connections are gone") {
            try await look(.worker)
            return ledger.moved.contains(.databasePool)
        }
        for process in processes.prefix(2) { try await process.stop() }
        return ledger.moved
    }

    private func page(_ program: Product.Program, _ product: Product) async throws -> String {
        try await product.http.send(HTTPRequest(.GET, product.url(program, "/metrics"))).text
    }

    /// A test that is named and is not there, or does not ask for the metric, does not move it.
    @Test func theTestsOfTheLedgerAreThere() {
        for (name, mover) in MetricLedger.elsewhere {
            let source = textOfFile(Self.root + "/Tests/" + mover.file)
            guard let start = source.firstRange(of: "func \(mover.test)(") else {
                Issue.record("\(name): there is no \(mover.test) in \(mover.file)")
                continue
            }
            let rest = source[start.upperBound...]
            let end = rest.firstRange(of: "\n    }\n")?.lowerBound ?? rest.endIndex
            #expect(
                rest[..<end].contains(mover.word ?? name.rawValue), "\(mover.test) does not ask for \(name.rawValue)")
        }
    }
}
