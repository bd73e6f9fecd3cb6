import Common
import FoundationEssentials
import Logging
import TestSupport
import Testing

/// Servers with the schema migrated, a queue in them, and the operator's environment.
struct QueueFixture: Sendable {
    let redis: RedisServer
    let postgres: PostgresServer
    let client: RedisClient

    var environment: [String: String] { ["REDIS_URL": redis.url, "DATABASE_URL": postgres.url()] }

    func run(_ arguments: String...) async throws -> OperatorRun {
        try await OperatorRun(arguments, environment: environment)
    }

    func redis(_ name: String, _ arguments: RedisArgument...) async throws -> RedisValue {
        try await client.send(RedisCommand(name, arguments))
    }

    func sql(_ text: String) async throws -> String {
        try await postgres.psql("SET search_path = whatsapp_handler; " + text)
    }

    /// An entry of the dead list.
    static func dead(
        _ envelope: [UInt8], reason: String = "deliveries", at milliseconds: Int64 = Timestamp.now.milliseconds
    ) -> [UInt8] {
        Array("\(reason)\u{1f}delivered too often\u{1f}8\u{1f}\(milliseconds)\u{1f}".utf8) + envelope
    }

    static func envelope(
        _ sid: String, _ body: String = "hello", from sender: String = "whatsapp:+447700900123",
        receivedAt: Timestamp = .now, trace: TraceParent? = nil
    ) -> [UInt8] {
        let form = FormParameters.encode([
            ("Body", body), ("To", "whatsapp:+14155238886"), ("MessageSid", sid), ("From", sender),
        ])
        return Envelope(
            messageSID: sid, sender: sender, receivedAt: receivedAt, correlationID: CorrelationID(), trace: trace,
            kind: .message, body: form
        ).encoded()
    }
}

/// Runs `body` with Redis and a migrated Postgres.
func withQueueFixture(_ body: (QueueFixture) async throws -> Void) async throws {
    let reactor = Reactor(name: "test")
    defer { reactor.stop() }
    try await withPostgres { postgres in
        try await withRedis { redis in
            let configuration = try RedisConfiguration(url: Secret(redis.url))
            let client = RedisClient(configuration, reactor: reactor, logger: Logger(label: "test"))
            try await withThrowingTaskGroup { group in
                group.addTask { await client.run() }
                defer { group.cancelAll() }
                try await client.ready(within: .seconds(5))
                let fixture = QueueFixture(redis: redis, postgres: postgres, client: client)
                let migrated = try await fixture.run("migrate", "up", "--directory", ourMigrations())
                try #require(migrated.exitCode == 0, "\(migrated.error)")
                try await body(fixture)
            }
        }
    }
}

extension OperatorRun {
    /// The JSON it printed on one line.
    func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(output.utf8))
    }
}
