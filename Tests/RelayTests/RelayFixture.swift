import Common
import Logging
import TestSupport

@testable import Relay

/// A migrated Postgres, a Redis, and clients of the test's own to write events and to read what was published.
struct RelayFixture: Sendable {
    static let stream = "whatsapp_handler.events"

    let postgres: PostgresServer
    let redis: RedisServer
    let reactor: Reactor
    let database: PostgresClient
    let redisClient: RedisClient

    var postgresConfiguration: PostgresConfiguration {
        get throws { try PostgresConfiguration(url: Secret(postgres.url())) }
    }

    var redisConfiguration: RedisConfiguration {
        get throws { try RedisConfiguration(url: Secret(redis.url)) }
    }

    static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    /// Appends `count` events of as many passengers, each in a transaction of its own.
    func append(_ count: Int, users: [UUID] = [.timeOrdered(), .timeOrdered(), .timeOrdered()]) async throws {
        for index in 0..<count {
            let event = OutboxEvent.userOptedIn(
                users[index % users.count], at: .now, cause: OutboxCause(correlationID: CorrelationID()))
            _ = try await database.unit([event.appendStatement()])
        }
    }

    /// The stream's entries in their order: shard, sequence and id of each event.
    func published() async throws -> [PublishedEvent] {
        let entries = try await redisClient.send(RedisCommand("XRANGE", .text(Self.stream), "-", "+")).array ?? []
        return entries.compactMap { PublishedEvent(entry: $0) }
    }

    /// How many events the log and the stream have.
    func counts() async throws -> (log: Int, stream: Int) {
        let log: Int = try await database.unit("SELECT count(*) FROM outbox_events").rows[0].column(0)
        return (log, try await redisClient.send(RedisCommand("XLEN", .text(Self.stream))).int ?? 0)
    }

    func untilAllIsPublished(within limit: Duration = .seconds(20)) async throws {
        try await until("all events are published", within: limit) {
            let counts = try await counts()
            return counts.log == counts.stream
        }
    }

    /// The log's events of each shard in commit order, and the stream's in stream order: to be equal.
    func shardOrders() async throws -> (log: [Int: [Int]], stream: [Int: [Int]]) {
        var log: [Int: [Int]] = [:]
        for row in try await database.unit("SELECT shard, sequence FROM outbox_events ORDER BY sequence").rows {
            log[try row.column(0), default: []].append(try row.column(1))
        }
        let stream = Dictionary(grouping: try await published(), by: \.shard).mapValues { $0.map(\.sequence) }
        return (log, stream)
    }

    /// How many shards each relay holds, largest first.
    func shares() async throws -> [Int] {
        let result = try await database.unit(
            "SELECT count(*) FROM outbox_cursors WHERE lease_until > clock_timestamp() GROUP BY owner ORDER BY 1 DESC")
        return try result.rows.map { try $0.column(0) }
    }

    /// The settings of a relay's sessions, for statements of ours that are to run as its do.
    var relayConfiguration: PostgresConfiguration {
        get throws {
            var configuration = try postgresConfiguration
            configuration.settings = RelaySession.settings
            return configuration
        }
    }

    /// Runs a drain to the Redis stream beside `body`.
    func withDrain<R: Sendable>(
        lease: Duration = .seconds(15), _ body: (WakeUps, DrainStatus) async throws -> R
    ) async throws -> R {
        let redis = RedisClient(try redisConfiguration, reactor: reactor, logger: Self.logger)
        guard let keys = OutboxStreamKeys(stream: Self.stream) else { throw HarnessError("the stream's name") }
        let sink = RedisStreamSink(redis: redis, keys: keys, source: "whatsapp-handler", limit: .seconds(2))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await redis.run() }
            let result: Result<R, any Error>
            do {
                result = .success(
                    try await withDrain(of: sink, named: "redis", lease: lease) { drain in
                        try await body(drain.wakeUps, drain.status)
                    })
            } catch { result = .failure(error) }
            group.cancelAll()
            try await group.waitForAll()
            return try result.get()
        }
    }

    /// Runs a drain to any sink beside `body`.
    func withDrain<R: Sendable>(
        of sink: any Sink, named name: String, lease: Duration = .seconds(15),
        policy: RelayConfiguration.ParkedPolicy = .skip, status: DrainStatus? = nil,
        _ body: (Drain) async throws -> R
    ) async throws -> R {
        let postgres = PostgresClient(try relayConfiguration, reactor: reactor, logger: Self.logger)
        let drain = Drain(
            log: OutboxLog(
                postgres: postgres, sink: name, owner: UUID.random().description, lease: lease, policy: policy),
            sink: sink, wakeUps: WakeUps(reactor: reactor), status: status ?? DrainStatus(sink: name),
            reactor: reactor, logger: Self.logger, announceRelease: {})
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await postgres.run() }
            async let draining: Void = drain.run()
            let result: Result<R, any Error>
            do { result = .success(try await body(drain)) } catch { result = .failure(error) }
            drain.stop()
            await draining
            group.cancelAll()
            try await group.waitForAll()
            return try result.get()
        }
    }
}

/// What a consumer of the stream sees.
struct PublishedEvent: Sendable {
    let shard: Int
    let sequence: Int
    let id: String
    let fields: [String: String]

    init?(entry: RedisValue) {
        let words = (entry.array?.last?.array ?? []).compactMap(\.string)
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) { fields[words[index]] = words[index + 1] }
        guard let subject = fields["subject"], let id = fields["id"], let sequence = fields["seq"].flatMap({ Int($0) })
        else { return nil }
        self.fields = fields
        self.id = id
        self.sequence = sequence
        shard = OutboxShard.of(subject)
    }
}

func withRelayFixture<R: Sendable>(
    redisOptions: [String] = ["--appendonly", "no"], _ body: (RelayFixture) async throws -> R
) async throws -> R {
    try await withPostgres { postgres in
        try await withRedis(options: redisOptions) { redis in
            let reactor = Reactor(name: "relay-test")
            defer { reactor.stop() }
            let migrations = MigrationRunner(
                try MigrationFolder.read(try MigrationFolder.find()),
                on: try PostgresConfiguration(url: Secret(postgres.url())), reactor: reactor,
                logger: RelayFixture.logger)
            _ = try await migrations.up()
            let database = PostgresClient(
                try PostgresConfiguration(url: Secret(postgres.url())), reactor: reactor, logger: RelayFixture.logger)
            let client = RedisClient(
                try RedisConfiguration(url: Secret(redis.url)), reactor: reactor, logger: RelayFixture.logger)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await database.run() }
                group.addTask { await client.run() }
                let fixture = RelayFixture(
                    postgres: postgres, redis: redis, reactor: reactor, database: database, redisClient: client)
                let result: Result<R, any Error>
                do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
                group.cancelAll()
                try await group.waitForAll()
                return try result.get()
            }
        }
    }
}
