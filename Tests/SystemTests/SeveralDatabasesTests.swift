import Common
import Glibc
import Logging
import TestSupport
import Testing

/// People split over two databases by a hash of their address, on one cluster with one ingest (docs/scale.md).
@Suite(.serialized) struct SeveralDatabasesTests {
    private static let secret = "whsec_" + [UInt8](repeating: 7, count: 32).base64
    private static let phones = (0..<24).map { "+4477009007\($0 < 10 ? "0" : "")\($0)" }
    private static let halves = ["0-31", "32-63"]

    /// Everyone is in one of the two, with all that is theirs; events find them there; nobody else is told.
    @Test(.timeLimit(.minutes(3)))
    func everyoneLivesInTheDatabaseOfTheirShard() async throws {
        try await withRedisCluster { cluster in
            try await withProduct { first in
                try await withProduct { second in
                    try await giveUp(shard: 40, cluster.url(of: 0))
                    let processes = try await start(first, second, cluster.url(of: 0))
                    for (round, text) in ["hi", "YES", "help"].enumerated() {
                        for (index, phone) in Self.phones.enumerated() {
                            #expect(try await first.say(text, sid: sid(100 * round + index), from: phone) == 200)
                        }
                        for phone in Self.phones {
                            try await until("\(phone.suffix(2)) has \(round + 1) answers", within: .seconds(60)) {
                                try await first.replies(to: "whatsapp:" + phone).count == round + 1
                            }
                        }
                    }
                    let homes = try await [residents(of: first), residents(of: second)]
                    #expect(Set(homes[0].keys).isDisjoint(with: homes[1].keys))
                    #expect(Set(homes[0].keys).union(homes[1].keys) == Set(Self.phones.map { "whatsapp:" + $0 }))
                    for (home, half) in zip(homes, Self.halves) {
                        let keys = QueueKeys(try #require(ServedShards(half, of: 64)))
                        #expect(!home.isEmpty && home.keys.allSatisfy { keys.serves($0) })
                    }
                    try await reportsArrive(first, second)
                    let letters = "SELECT count(*) FROM whatsapp_handler.dead_letters"
                    let recorded = try await [psql(first, letters), psql(second, letters)]
                    #expect(recorded == ["0", "1"], "a dead letter is recorded where its shard is served")
                    try await eventsArrive(first, second, homes)
                    for process in processes.reversed() {
                        await process.send(SIGTERM)
                        #expect(try await process.end() == .exit(0))
                    }
                }
            }
        }
    }

    /// Leaves a dead letter in a shard, before anybody looks.
    private func giveUp(shard: Int, _ redis: String) async throws {
        let reactor = Reactor(name: "letters")
        defer { reactor.stop() }
        let router = RedisRouter(
            try RedisConfiguration(url: Secret(redis)), reactor: reactor, logger: Logger(label: "test"))
        let letter = Envelope(
            messageSID: sid(9999), sender: "whatsapp:+447700900799", receivedAt: .now, correlationID: CorrelationID(),
            kind: .message, body: FormParameters.encode([("Body", "hello")]))
        let head = "deliveries\u{1f}delivered too often\u{1f}8\u{1f}\(Timestamp.now.milliseconds)\u{1f}"
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await router.run() }
            try await router.ready(within: .seconds(10))
            _ = try await router.send(
                RedisCommand(
                    "RPUSH", .init(QueueKeys(shards: 64).dead(shard)), .init(Array(head.utf8) + letter.encoded())))
            router.shutDown()
            try await group.waitForAll()
        }
    }

    /// One ingest and one simulator; a worker and a relay for each database.
    private func start(_ first: Product, _ second: Product, _ redis: String) async throws -> [ServerProcess] {
        let shared = [
            "REDIS_URL": redis, "QUEUE_SHARDS": "64", "EVENTS_WEBHOOK_SECRET": Self.secret,
            "TWILIO_API_BASE_URL": first.url(.simulator, ""),
        ]
        var processes = [try await first.start(.simulator, shared), try await first.start(.ingest, shared)]
        for (product, half) in zip([first, second], Self.halves) {
            let own = shared.merging(["QUEUE_SERVED_SHARDS": half]) { $1 }
            processes.append(try await product.start(.worker, own))
            processes.append(try await product.start(.relay, own))
        }
        return processes
    }

    /// Their ids by address.
    private func residents(of product: Product) async throws -> [String: String] {
        let rows = try await psql(product, "SELECT sender, id FROM whatsapp_handler.users").split(separator: "\n")
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let fields = row.split(separator: "|").map(String.init)
                return (fields[0], fields[1])
            })
    }

    /// Delivery reports come to the database that has the reply, though they queue under its id.
    private func reportsArrive(_ products: Product...) async throws {
        for product in products {
            try await until("every reply is known to be delivered", within: .seconds(60)) {
                try await psql(
                    product,
                    """
                    SELECT count(*) > 0 AND bool_and(state IN ('delivered', 'read')) FROM whatsapp_handler.outbound_messages
                    """) == "t"
            }
        }
    }

    /// An event names a user, not an address: wherever it comes first, it ends in their database, and once.
    private func eventsArrive(_ first: Product, _ second: Product, _ homes: [[String: String]]) async throws {
        for (home, product) in zip(homes, [first, second]) {
            for (index, user) in home.values.sorted().enumerated() {
                #expect(try await tell(user, id: "\(product.database)-\(index)", first) == 202)
            }
            try await until("the events are in the database of their users", within: .seconds(60)) {
                try await psql(
                    product,
                    """
                    SELECT count(*) FROM whatsapp_handler.inbound_messages i JOIN whatsapp_handler.users u USING (sender)
                     WHERE i.message_sid LIKE 'event:%'
                    """) == "\(home.count)"
            }
        }
        #expect(try await tell("0190f3c2-0000-7000-8000-00000000000f", id: "nobody", first) == 202)
        try await until("the one about nobody is recorded in one of them", within: .seconds(60)) {
            var rows: [String] = []
            for product in [first, second] {
                rows.append(
                    try await psql(
                        product,
                        """
                        SELECT count(*) FROM whatsapp_handler.inbound_messages
                         WHERE message_sid = 'event:nobody' AND outcome ? 'ignored'
                        """))
            }
            return rows.sorted() == ["0", "1"]
        }
    }

    /// An evaluation of a claim that they do not have: it is recorded, and nothing is said.
    private func tell(_ user: String, id: String, _ product: Product) async throws -> Int {
        let data = #""journey_id":"0190f3c2-0000-7000-8000-000000000001","user_id":"\#(user)","eligible":false"#
        let body = #"{"type":"evaluation.completed","data":{\#(data)}}"#
        return try await product.post(event: body, id: id, secret: Self.secret)
    }

    private func psql(_ product: Product, _ statement: String) async throws -> String {
        try await product.postgres.psql(statement, database: product.database)
    }

    private func sid(_ number: Int) -> String {
        let digits = String(number)
        return "SM" + String(repeating: "0", count: 32 - digits.count) + digits
    }
}
