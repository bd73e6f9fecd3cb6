import Common
import Logging
import TestSupport

/// Servers, and connections of the benchmark's own to them.
struct BenchGround: Sendable {
    static let stream = "whatsapp_handler.events"

    let product: Product
    let reactor: Reactor
    let postgres: PostgresClient
    let redis: RedisClient
    /// For a reader that waits.
    let reading: RedisClient
    /// For the relay that is not ours.
    let adding: RedisClient
    let way: RelayWay
    let users: [UUID]

    static var logger: Logger {
        var logger = Logger(label: "bench")
        logger.logLevel = .critical
        return logger
    }

    static func with(_ product: Product, way: RelayWay, _ body: (BenchGround) async throws -> Void) async throws {
        let reactor = Reactor(name: "bench")
        defer { reactor.stop() }
        let redisConfiguration = try RedisConfiguration(url: Secret(product.redis.url))
        let ground = BenchGround(
            product: product, reactor: reactor,
            postgres: PostgresClient(
                try PostgresConfiguration(url: Secret(product.postgres.url(database: product.database))),
                reactor: reactor, logger: logger),
            redis: RedisClient(redisConfiguration, reactor: reactor, logger: logger),
            reading: RedisClient(redisConfiguration, reactor: reactor, logger: logger),
            adding: RedisClient(try RedisConfiguration(url: Secret(way.redis)), reactor: reactor, logger: logger),
            way: way,
            users: (0..<1000).map { _ in UUID.timeOrdered() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await ground.postgres.run() }
            group.addTask { await ground.redis.run() }
            group.addTask { await ground.reading.run() }
            group.addTask { await ground.adding.run() }
            try await ground.postgres.ready(within: .seconds(10))
            try await ground.redis.ready(within: .seconds(10))
            try await ground.reading.ready(within: .seconds(10))
            try await ground.adding.ready(within: .seconds(10))
            let result: Result<Void, any Error>
            do { result = .success(try await body(ground)) } catch { result = .failure(error) }
            group.cancelAll()
            try result.get()
        }
    }

    @discardableResult
    func sql(_ text: String) async throws -> String {
        try await product.postgres.psql(
            "SET search_path = whatsapp_handler, public; " + text, database: product.database)
    }

    func length() async throws -> Int { try await redis.send(RedisCommand("XLEN", .text(Self.stream))).int ?? 0 }

    /// Runs a built relay beside `body`.
    func withRelay<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        let relay = try await product.start(
            .relay, ["LOG_LEVEL": "warning", "DATABASE_URL": way.postgres, "REDIS_URL": way.redis], untilReady: false)
        let result: Result<R, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        try await relay.stop()
        return try result.get()
    }

    /// The users as a table to be selected from: their number, id and shard.
    var userRows: String {
        users.enumerated().map { "(\($0), '\($1)', \(OutboxShard.of($1.description)))" }.joined(separator: ",")
    }

    /// A payload like that of `user.registered`.
    static let payload = """
        jsonb_build_object('user_id', k.id, 'phone_number', '+447700900123', 'registered_at', '2026-11-23T02:00:00.000Z', \
        'correlation_id', 'b6ec5a54-5a3c-4f7a-9a2c-9a5b1c2d3e4f', 'causation_id', 'SM0123456789abcdef0123456789abcdef')
        """
}
