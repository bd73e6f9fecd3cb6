import Common
import ServiceLifecycle

/// The log of events and the Redis that its stream is in, connected.
struct ConnectedOutbox: Sendable {
    let postgres: PostgresClient
    let redis: any RedisService
    /// Where the relay's Redis sink writes to (RELAY_REDIS_STREAM).
    let keys: OutboxStreamKeys

    /// Connects both, lets `body` work, and closes.
    static func with<R: Sendable>(_ body: (ConnectedOutbox) async throws -> R) async throws -> R {
        try await ConnectedOperator.with(reading: { RelayConfiguration(reading: &$0) }) { servers, relay in
            try await body(
                ConnectedOutbox(postgres: servers.postgres, redis: servers.queue.redis, keys: relay.redisStream))
        }
    }

    /// As `with`, but the database alone: what shows why nothing leaves must work while Redis is away.
    static func withLog<R: Sendable>(_ body: (PostgresClient) async throws -> R) async throws -> R {
        var values = ConfigurationValues()
        let configuration = PostgresConfiguration(reading: &values)
        try values.check()
        let reactor = Reactor(name: "operator")
        defer { reactor.stop() }
        let postgres = PostgresClient(configuration, reactor: reactor, logger: .silent)
        return try await ConnectedQueue.running([postgres]) {
            try await postgres.waitUntilUsable()
            return try await body(postgres)
        }
    }

    /// Tells relays that shards are free; not worth waiting for, they find out within a second.
    func announceRelease() async { _ = try? await redis.send(OutboxWakeUp.releaseCommand, within: .seconds(1)) }
}

/// Why a command about the outbox does not do what it was asked to.
struct OutboxFailure: OperatorFailure, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension PostgresClient {
    /// The sinks that the log has cursors for.
    func sinks() async throws(PostgresError) -> [String] {
        let sql: SQL = "SELECT DISTINCT sink FROM outbox_cursors ORDER BY 1"
        var names: [String] = []
        for row in try await unit(sql.named("operator_sinks")).rows { names.append(try row.column(0)) }
        return names
    }

    /// Refuses a sink that the log has no cursors for.
    func require(sink: String) async throws {
        let known = try await sinks()
        guard !known.contains(sink) else { return }
        let names = known.isEmpty ? "none yet" : known.joined(separator: ", ")
        throw OutboxFailure(
            "No sink is called “\(Output.printable(sink))”; known are: \(names). A sink is known once a relay has started with it in RELAY_SINKS."
        )
    }

    /// Statements on the log, in one transaction, read by index whatever the planner's statistics say.
    func onLog(_ statements: [SQL], within limit: Duration = .seconds(10)) async throws(PostgresError)
        -> [PostgresResult]
    {
        let settings: SQL = """
            SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
                   set_config('jit', 'off', true)
            """
        return Array(
            try await unit([settings.named("operator_settings")] + statements, within: limit).dropFirst())
    }
}
