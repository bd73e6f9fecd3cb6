import Common
import Logging
import TestSupport
import Testing

/// The copy of the dead lists in Postgres, against real servers.
@Suite struct DeadLetterLedgerTests {
    struct Fixture {
        var redis: RedisClient
        var postgres: PostgresClient
        var ledger: DeadLetterLedger

        func push(_ entries: [[UInt8]]) async throws {
            for start in stride(from: 0, to: entries.count, by: 1000) {
                let page = entries[start..<min(start + 1000, entries.count)]
                _ = try await redis.send(
                    RedisCommand("RPUSH", ["{wa:0}:dead"] + page.map { RedisArgument($0) }), within: .seconds(10))
            }
        }

        func count(_ sql: SQL) async throws -> Int { try await postgres.unit(sql).rows[0].column(0) }
        func length() async throws -> Int? { try await redis.send(RedisCommand("LLEN", "{wa:0}:dead")).int }
    }

    func withLedger(_ body: (Fixture) async throws -> Void) async throws {
        try await withPostgres { server in
            let configuration = try server.configuration()
            let reactor = Reactor(name: "migrations")
            defer { reactor.stop() }
            let runner = MigrationRunner(
                try MigrationFolder.read("migrations"), on: configuration, reactor: reactor,
                logger: redisLogger(), report: { _ in })
            _ = try await runner.up()
            try await withClient(configuration) { postgres in
                try await withRedis { redis in
                    try await withClient(redis.configuration) { redis in
                        try await redis.ready(within: .seconds(5))
                        let ledger = DeadLetterLedger(
                            redis: redis, postgres: postgres, keys: QueueKeys(shards: 1),
                            holdsCode: { $0.contains("123456") })
                        try await body(Fixture(redis: redis, postgres: postgres, ledger: ledger))
                    }
                }
            }
        }
    }

    func entries(_ numbers: Range<Int>) -> [[UInt8]] {
        numbers.map {
            DeadLetterTests.entry(
                DeadLetterTests.envelope("SM\($0)").encoded(), at: 1_700_000_000_000 + Int64($0))
        }
    }

    /// What was read before somebody was erased is not recorded after: it is read again, without what was theirs.
    @Test func whatWasReadBeforeAnErasureIsNotRecorded() async throws {
        try await withLedger { fixture in
            let letters = entries(0..<3).map { DeadLetter(entry: $0) }
            _ = try await fixture.postgres.unit(
                """
                INSERT INTO erasures (user_id, message_sid, source, erased_at, cleaned_at)
                VALUES (\(UUID.random()), 'SMx', 'requested', now(), now())
                """)
            let late = try await fixture.ledger.record(letters, unlessErasedSince: "")
            #expect(late == nil)
            let none = try await fixture.count("SELECT count(*) FROM dead_letters")
            #expect(none == 0)
            try await fixture.push(entries(0..<3))
            let pass = try await fixture.ledger.copy(shard: 0)
            #expect(pass.recorded == 3)
        }
    }

    @Test func everyEntryIsRecordedOnceAndOnlyTheNewestStayInRedis() async throws {
        try await withLedger { fixture in
            try await fixture.push(entries(0..<1203) + [Array("nonsense".utf8)])
            let first = try await fixture.ledger.copy(shard: 0)
            #expect(first.recorded == 1204)
            #expect(first.newest == Array("nonsense".utf8))
            let again = try await fixture.ledger.copy(shard: 0)
            #expect(again.recorded == 0)
            #expect(try await fixture.count("SELECT count(*)::int FROM dead_letters") == 1204)
            #expect(try await fixture.length() == 1204)

            // Only what is newer than the last pass is looked at.
            try await fixture.push(entries(1203..<1210))
            var seen = 0
            let third = try await fixture.ledger.copy(shard: 0, downTo: first.newest) { _, _ in seen += 1 }
            #expect(third.recorded == 7 && seen == 7)

            try await fixture.push(entries(2000..<12_000))
            let last = try await fixture.ledger.copy(shard: 0, downTo: third.newest)
            #expect(last.recorded == 10_000)
            #expect(try await fixture.length() == DeadLetterLedger.kept)
            #expect(try await fixture.count("SELECT count(*)::int FROM dead_letters") == 11_211)
        }
    }

    /// Whoever takes entries away while a pass goes on makes it miss none.
    @Test func entriesRemovedMeanwhileHideNoOthers() async throws {
        try await withLedger { fixture in
            let all = entries(0..<1500)
            try await fixture.push(all)
            var seen: Set<String> = []
            let redis = fixture.redis
            var isFirst = true
            let remover = Reactor(name: "remover")
            defer { remover.stop() }
            _ = try await fixture.ledger.copy(shard: 0) { _, letter in
                seen.insert(letter.messageSID)
                guard isFirst else { return }
                isFirst = false
                // The entry that the next page is to begin with, and others of the page that was just read.
                for entry in all[1000..<1100] {
                    redis.submit(RedisCommand("LREM", "{wa:0}:dead", 1, .init(entry))) { _ in }
                }
            }
            #expect(seen.count >= 1400)
            for number in 0..<1000 where !seen.contains("SM\(number)") { Issue.record("SM\(number) was passed over") }
            #expect(try await fixture.count("SELECT count(*)::int FROM dead_letters") == seen.count)
        }
    }

    @Test func codesAreNotStored() async throws {
        try await withLedger { fixture in
            try await fixture.postgres.unit([
                """
                INSERT INTO users (id, sender) VALUES
                  ('00000000-0000-7000-8000-000000000001', 'whatsapp:+447700900123'),
                  ('00000000-0000-7000-8000-000000000002', 'whatsapp:+447700900124')
                """,
                // The one was asked for a code when the message came, and the other had been an hour before.
                """
                INSERT INTO otp_challenges (user_id, code_mac, salt, channel, sent_to, created_at, expires_at, consumed_at)
                VALUES ('00000000-0000-7000-8000-000000000001', decode(repeat('00', 32), 'hex'),
                        decode(repeat('00', 16), 'hex'), 'sms', '+447700900123', to_timestamp(1699999900),
                        to_timestamp(1700000500), NULL),
                       ('00000000-0000-7000-8000-000000000002', decode(repeat('00', 32), 'hex'),
                        decode(repeat('00', 16), 'hex'), 'sms', '+447700900124', to_timestamp(1699999900),
                        to_timestamp(1700000500), to_timestamp(1699999950))
                """,
            ])
            let bodies = [
                ("SM1", "whatsapp:+447700900123", "Body=one+two+three"),
                ("SM2", "whatsapp:+447700900124", "Body=hello"),
                ("SM3", "whatsapp:+447700900125", "Body=123456"), ("SM4", "whatsapp:+447700900125", "Body=hello"),
            ]
            try await fixture.push(
                bodies.map { sid, sender, body in
                    DeadLetterTests.entry(DeadLetterTests.envelope(sid, body: body, from: sender).encoded())
                })
            _ = try await fixture.ledger.copy(shard: 0)
            let rows = try await fixture.postgres.unit("SELECT message_sid, raw FROM dead_letters ORDER BY message_sid")
                .rows
            let redacted = try rows.map { row -> Bool in
                let raw: [UInt8] = try row.column(1)
                return DeadLetter(reason: "", error: "", deliveries: 0, at: .now, envelope: raw).isRedacted
            }
            #expect(redacted == [true, false, true, false])
        }
    }

    @Test func theRecorderLooksAtStartAndWhenTold() async throws {
        try await withLedger { fixture in
            try await fixture.push(entries(0..<1))
            let recorder = DeadLetterRecorder(
                fixture.ledger, shards: [0], every: .seconds(3600), logger: redisLogger())
            try await withThrowingTaskGroup { group in
                group.addTask { try await recorder.run() }
                try await until("the first is recorded") {
                    try await fixture.count("SELECT count(*)::int FROM dead_letters") == 1
                }
                try await fixture.push(entries(1..<3))
                recorder.look()
                try await until("the others are recorded") {
                    try await fixture.count("SELECT count(*)::int FROM dead_letters") == 3
                }
                group.cancelAll()
            }
        }
    }
}
