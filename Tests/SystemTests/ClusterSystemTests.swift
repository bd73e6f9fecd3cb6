import Common
import Glibc
import Logging
import TestSupport
import Testing

/// The built processes over a Redis Cluster.
@Suite(.serialized) struct ClusterSystemTests {
    private static let phones = (0..<20).map { "+4477009006\($0 < 10 ? "0" : "")\($0)" }
    private static let stream = "whatsapp_handler.events"

    /// Passengers talk on while a master dies: everyone is answered once, in order, and every event is on the stream.
    @Test(.timeLimit(.minutes(3)), arguments: [0, 2])
    func aMasterDiesInTheMiddleOfTwentyConversations(victim: Int) async throws {
        try await withRedisCluster { cluster in
            try await withProduct { product in
                let variables = [
                    "REDIS_URL": cluster.url(of: 1), "QUEUE_SHARDS": "64", "QUEUE_LEASE_SECONDS": "2",
                    "REPLY_UNKNOWN_SECONDS": "6",
                ]
                var processes: [ServerProcess] = []
                for program in [Product.Program.simulator, .ingest, .worker, .relay] {
                    processes.append(try await product.start(program, variables))
                }
                try await everyone("hi", 0, product)
                try await everyoneHas(1, product)
                // Redis acknowledges before it replicates; what was not replicated when a node dies is backfill's to find.
                try await cluster.replicated()
                async let death: Void = cluster.failOver(victim)
                try await everyone("YES", 1, product)
                try await death
                try await everyoneHas(2, product)
                try await everyone("help", 2, product)
                try await everyoneHas(3, product)
                for phone in Self.phones {
                    let replies = try await product.replies(to: "whatsapp:" + phone)
                    #expect(replies.count == 3, "one reply a message")
                    #expect(replies[0].contains("/terms") && replies[1].contains("six-digit code"))
                }
                try await everyEvent(product, cluster)
                for process in processes.reversed() {
                    await process.send(SIGTERM)
                    #expect(try await process.end() == .exit(0))
                }
            }
        }
    }

    /// Says something as everyone, again until it was taken, as Twilio does.
    private func everyone(_ text: String, _ round: Int, _ product: Product) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, phone) in Self.phones.enumerated() {
                let digits = String(1000 * (round + 1) + index)
                let sid = "SM" + String(repeating: "0", count: 32 - digits.count) + digits
                group.addTask {
                    try await until("\(text) is taken", within: .seconds(60)) {
                        try await product.say(text, sid: sid, from: phone) == 200
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func everyoneHas(_ count: Int, _ product: Product) async throws {
        for phone in Self.phones {
            try await until("\(phone.suffix(2)) has \(count) answers", within: .seconds(60)) {
                try await product.replies(to: "whatsapp:" + phone).count >= count
            }
        }
    }

    private func everyEvent(_ product: Product, _ cluster: RedisCluster) async throws {
        let reactor = Reactor(name: "events")
        defer { reactor.stop() }
        let router = RedisRouter(
            try RedisConfiguration(url: Secret(cluster.url(of: 1))), reactor: reactor, logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await router.run() }
            let written = try await product.postgres.psql(
                "SELECT id FROM whatsapp_handler.outbox_events ORDER BY id", database: product.database
            ).split(separator: "\n").map(String.init)
            #expect(written.count >= Self.phones.count)
            try await until("every event is on the stream", within: .seconds(40)) {
                let entries = try await router.send(RedisCommand("XRANGE", .init(Self.stream), "-", "+")).array ?? []
                let ids = entries.compactMap { entry -> String? in
                    let fields = entry.array?.last?.array?.compactMap(\.string) ?? []
                    return fields.firstIndex(of: "id").map { fields[$0 + 1] }
                }
                #expect(Set(ids).count == ids.count, "once")
                return ids.sorted() == written
            }
            router.shutDown()
            try await group.waitForAll()
        }
    }
}
