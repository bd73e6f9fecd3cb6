import Backfill
import Common
import Logging
import ServiceLifecycle
import TestSupport

/// Servers, a provider and the parts of backfill, put together as the worker does.
struct Grounds: Sendable {
    let provider: FakeProvider
    let listing: MessageListing
    let postgres: PostgresClient
    let server: PostgresServer
    let database: String
    let redisServer: RedisServer
    let redis: RedisClient
    let limits: BackfillLimits
    let keys = QueueKeys(shards: 1)

    var queue: BackfillQueue { BackfillQueue(redis: redis, keys: keys) }

    func round(dry: Bool = false) -> BackfillRound {
        BackfillRound(
            listing: listing, stored: StoredMessages(postgres: postgres), queue: queue, limits: limits, isDry: dry)
    }

    func lease(_ owner: String = "test") -> BackfillLease {
        BackfillLease(owner: owner, postgres: postgres, duration: limits.lease)
    }

    func service(_ owner: String = "test", interval: Duration = .seconds(300)) -> BackfillService {
        BackfillService(
            redis: redis, queue: queue, lease: lease(owner), round: round(), addresses: [FakeProvider.ours],
            interval: interval, limits: limits, logger: quietLogger())
    }

    /// The window of the last two hours, up to half a minute ago.
    var plan: BackfillPlan {
        BackfillPlan(since: .now - .seconds(7200), until: .now - limits.delay, addresses: [FakeProvider.ours])
    }

    func psql(_ sql: String) async throws -> String { try await server.psql(sql, database: database) }

    /// The envelopes in the ingress, first come first.
    func pushed() async throws -> [Envelope] {
        let list = try await redis.send(RedisCommand("LRANGE", .init(keys.ingress(0)), "0", "-1")).array ?? []
        return try list.compactMap { value in
            guard case .bytes(let bytes) = value else { return nil }
            return try Envelope(decoding: bytes)
        }
    }

    func store(_ number: Int, in table: String = "inbound_messages") async throws {
        let columns = table == "inbound_messages" ? "kind, received_at) VALUES" : "reason, at) VALUES"
        let kind = table == "inbound_messages" ? "message" : "deliveries"
        _ = try await psql(
            "INSERT INTO whatsapp_handler.\(table) (message_sid, sender, \(columns) ('\(sid(number))', 's', '\(kind)', now())"
        )
    }

    /// Says that the list has been read up to so long ago.
    func setWatermark(age: Int) async throws {
        _ = try await psql(
            """
            INSERT INTO whatsapp_handler.backfill_watermark (read_until) VALUES (now() - interval '\(age) s')
            ON CONFLICT (singleton) DO UPDATE SET read_until = excluded.read_until, updated_at = now(), owner = NULL,
              leased_until = NULL
            """)
    }

    /// How old the watermark is, in seconds.
    func watermarkAge() async throws -> Double {
        let text = try await psql(
            "SELECT extract(epoch FROM now() - read_until) FROM whatsapp_handler.backfill_watermark")
        return Double(text) ?? -1
    }
}

func withGrounds<R: Sendable>(
    _ limits: BackfillLimits = .quick, _ body: @Sendable (Grounds) async throws -> R
) async throws -> R {
    try await withProduct { product in
        try await withProvider(limits) { provider, listing in
            let reactor = Reactor(name: "grounds")
            defer { reactor.stop() }
            let postgres = PostgresClient(
                try PostgresConfiguration(url: Secret(product.postgres.url(database: product.database))),
                reactor: reactor, logger: quietLogger())
            let redis = RedisClient(
                try RedisConfiguration(url: Secret(product.redis.url)), reactor: reactor, logger: quietLogger())
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await postgres.run() }
                group.addTask { await redis.run() }
                try await postgres.ready(within: .seconds(5))
                try await redis.ready(within: .seconds(5))
                let result: Result<R, any Error>
                do {
                    result = .success(
                        try await body(
                            Grounds(
                                provider: provider, listing: listing, postgres: postgres, server: product.postgres,
                                database: product.database, redisServer: product.redis, redis: redis, limits: limits)))
                } catch { result = .failure(error) }
                group.cancelAll()
                return try result.get()
            }
        }
    }
}
