import Common
import Logging
import TestSupport
import Testing

@testable import Worker

@Suite struct RetentionTests {
    static let day = Duration.seconds(86_400)

    /// Rows of ninety-one and eighty-nine days ago in every table, and letters as old in Redis.
    func withOldAndYoung(
        _ body: (PostgresClient, MessageRetention, any RedisService) async throws -> Void
    ) async throws {
        try await withRedis { server in
            try await DatabaseTests().withDatabase { client, _, _ in
                let reactor = Reactor(name: "redis")
                defer { reactor.stop() }
                let redis = RedisClient(
                    try RedisConfiguration(url: Secret(server.url)), reactor: reactor, logger: Logger(label: "test"))
                try await withThrowingTaskGroup { group in
                    group.addTask { await redis.run() }
                    defer { group.cancelAll() }
                    try await redis.ready(within: .seconds(5))
                    let queue = QueueClient(
                        redis: redis, waiting: redis, keys: QueueKeys(shards: 1), limits: QueueLimits())
                    try await body(
                        client,
                        MessageRetention(
                            postgres: client, redis: redis, queue: queue, period: Self.day * 90, stateTTL: Self.day,
                            logger: Logger(label: "test")), redis)
                }
            }
        }
    }

    private func fill(_ client: PostgresClient, days: Int) async throws {
        let at = Timestamp.now - Self.day * days
        let user = UUID.random()
        let mac = [UInt8](repeating: 1, count: 32)
        try await client.unit([
            "INSERT INTO users (id, sender) VALUES (\(user), \("whatsapp:GB.\(days)"))",
            "INSERT INTO inbound_messages (message_sid, sender, kind, received_at, processed_at) VALUES (\("SM\(days)"), 's', 'message', \(at), \(at))",
            "INSERT INTO outbound_messages (sender, recipient, body, state, created_at) VALUES ('s', 's', 'b', 'sent', \(at))",
            "INSERT INTO otp_challenges (user_id, code_mac, salt, channel, sent_to, expires_at, created_at) VALUES (\(user), \(mac), \(mac), 'sms', '+1', \(at), \(at))",
            "INSERT INTO dead_letters (message_sid, sender, reason, at) VALUES (\("SM\(days)"), 's', 'deliveries', \(at))",
            "INSERT INTO erasures (user_id, message_sid, source, erased_at, cleaned_at, finished_at) VALUES (\(UUID.random()), \("SM\(days)"), 'requested', \(at), \(at), \(at))",
        ])
    }

    @Test func whatIsOlderThanItIsKeptForIsDeletedAndNothingElse() async throws {
        try await withOldAndYoung { client, retention, redis in
            try await fill(client, days: 91)
            try await fill(client, days: 89)
            for (sid, days) in [("SM91", 91), ("SM89", 89)] {
                let at = (Timestamp.now - Self.day * days).milliseconds
                let letter =
                    "deliveries\u{1f}e\u{1f}8\u{1f}\(at)\u{1f}v1\u{1f}\(sid)\u{1f}s\u{1f}1\u{1f}c\u{1f}message\u{1f}"
                _ = try await redis.send(RedisCommand("RPUSH", "{wa:0}:dead", .init(letter)))
            }
            let deleted = try await retention.expire(now: .now)
            var expected = Dictionary(uniqueKeysWithValues: ExpiringTable.allCases.map { ($0.rawValue, 1) })
            expected["redis_dead"] = 1
            #expect(deleted == expected)
            for table in ExpiringTable.allCases {
                let rows: Int = try await client.unit("SELECT count(*) FROM \(identifier: table.rawValue)").rows[0]
                    .column(0)
                #expect(rows == 1, "\(table)")
            }
            let left = try await redis.send(RedisCommand("LLEN", "{wa:0}:dead")).int
            #expect(left == 1)
            let again = try await retention.expire(now: .now)
            #expect(again.isEmpty)
        }
    }

    /// More than one batch, and an erasure that is not finished.
    @Test func manyAreDeletedInBatches() async throws {
        try await withOldAndYoung { client, retention, _ in
            let many = ExpiringTable.rowsAtOnce * 2 + 1
            let old = Timestamp.now - Self.day * 91
            try await client.unit([
                """
                INSERT INTO inbound_messages (message_sid, sender, kind, received_at)
                SELECT 'SM' || n, 's', 'message', \(old) FROM generate_series(1, \(many)) n
                """,
                "INSERT INTO erasures (user_id, message_sid, source, erased_at, addresses) VALUES (\(UUID.random()), 'SMx', 'operator', \(old), '{}')",
            ])
            let deleted = try await retention.expire(now: .now)
            #expect(deleted == ["inbound_messages": many])
        }
    }

    /// A conversation that is remembered for longer than messages are kept still has its latest outcome.
    @Test func anIdleConversationKeepsItsState() async throws {
        try await withOldAndYoung { _, retention, _ in
            var retention = retention
            retention = MessageRetention(
                postgres: retention.postgres, redis: retention.redis, queue: retention.queue, period: Self.day,
                stateTTL: Self.day * 7, logger: retention.logger)
            let now = Timestamp.now
            #expect(retention.limit(of: .inboundMessages, now: now) == now - Self.day * 7)
            #expect(retention.limit(of: .deadLetters, now: now) == now - Self.day)
        }
    }
}
