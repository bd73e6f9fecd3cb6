import Common
import TestSupport
import Testing

@Suite struct ReplayTests {
    struct Report: Decodable {
        var replayed: Int
        var unprocessed: Int
        var dead: Int
        var newRun: Int
        var senders: Int
        var redacted: Int
        var passedOver: Int
        var dryRun: Bool
    }

    static let (ann, bob) = ("whatsapp:+447700900121", "whatsapp:+447700900122")

    /// Two unprocessed of ann, stored out of order, a dead letter of hers between them; one of bob that was processed, one
    /// that was not and holds no words, one that was erased, one that is too old.
    func withRows(_ body: (QueueFixture) async throws -> Void) async throws {
        try await withQueueFixture { fixture in
            let values = [
                ("SM3", Self.ann, "'Body=third&MessageSid=SM3'", "10 minutes", "NULL"),
                ("SM1", Self.ann, "'Body=first&MessageSid=SM1'", "30 minutes", "NULL"),
                ("SM4", Self.bob, "'Body=fourth'", "25 minutes", "now()"),
                ("SM5", Self.bob, "'Body=%5Bredacted%5D'", "5 minutes", "NULL"),
                ("SM6", Self.bob, "NULL", "5 minutes", "NULL"), ("SM7", Self.bob, "'Body=old'", "5 hours", "NULL"),
            ].map { sid, sender, raw, age, processed in
                "('\(sid)', '\(sender)', 'message', \(raw)::bytea, now() - interval '\(age)', \(processed), 'corr-\(sid)')"
            }
            _ = try await fixture.sql(
                "INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, processed_at, correlation_id) VALUES "
                    + values.joined(separator: ", "))
            let second = QueueFixture.envelope("SM2", from: Self.ann, receivedAt: .now - .seconds(1200))
            _ = try await fixture.redis("RPUSH", "{wa:0}:dead", .init(QueueFixture.dead(second)))
            try await body(fixture)
        }
    }

    func pushed(_ fixture: QueueFixture) async throws -> [Envelope] {
        try await (fixture.redis("LRANGE", "{wa:0}:in", 0, -1).array ?? []).compactMap(\.payload).map {
            try Envelope(decoding: $0)
        }
    }

    @Test func whatWasNeverProcessedIsReplayedInOrder() async throws {
        try await withRows { fixture in
            let dry = try await fixture.run("replay", "--since", "1h", "--dry-run")
            #expect(dry.exitCode == 0 && dry.output.contains("would have replayed 4 messages"), "\(dry.error)")
            #expect(dry.output.contains("never processed") && dry.output.contains("+4477…121"))
            #expect(try await pushed(fixture).isEmpty)

            let report = try await fixture.run("replay", "--since", "1h", "--yes", "--json").json(Report.self)
            #expect(report.replayed == 4 && report.unprocessed == 3 && report.dead == 1 && report.newRun == 0)
            #expect(report.redacted == 1 && report.passedOver == 1 && report.senders == 2 && !report.dryRun)
            let all = try await pushed(fixture)
            #expect(all.filter { $0.sender == Self.ann }.map(\.messageSID) == ["SM1", "SM2", "SM3"])
            #expect(all.filter { $0.sender == Self.bob }.map(\.messageSID) == ["SM5"])
            let first = try #require(all.first { $0.messageSID == "SM1" })
            #expect(first.body == Array("Body=first&MessageSid=SM1".utf8))
            #expect(first.correlationID.text == "corr-SM1" && first.kind == .message)
            let age = Timestamp.now - first.receivedAt
            #expect(age > .seconds(1799) && age < .seconds(1900))
            #expect(try await fixture.redis("LLEN", "{wa:0}:dead").int == 0)
            #expect(try await fixture.sql("SELECT count(replayed_at) FROM dead_letters") == "1")
        }
    }

    @Test func timesAndSendersSelect() async throws {
        try await withRows { fixture in
            let run = try await fixture.run(
                "replay", "--since", "1h", "--until", "15m", "--sender", "+447700900121", "--yes")
            #expect(run.output.contains("replayed 2 messages of 1 senders"), "\(run.output)\(run.error)")
            #expect(try await pushed(fixture).map(\.messageSID) == ["SM1", "SM2"])
        }
    }

    @Test func whatWasProcessedIsReplayedOnlyWhenForcedAndAsANewRun() async throws {
        try await withRows { fixture in
            let report = try await fixture.run(
                "replay", "--since", "1h", "--sender", Self.bob, "--force", "--yes", "--json"
            ).json(Report.self)
            #expect(report.newRun == 1 && report.unprocessed == 1)
            #expect(try await pushed(fixture).map(\.messageSID) == ["SM4:replay:1", "SM5"])
            // Before that run is processed, another is the same one; after it, it is the next.
            _ = try await fixture.run("replay", "--since", "1h", "--sender", Self.bob, "--force", "--yes")
            #expect(try await pushed(fixture).suffix(2).map(\.messageSID) == ["SM4:replay:1", "SM5"])
            _ = try await fixture.sql(
                "INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, processed_at) SELECT 'SM4:replay:1', sender, kind, raw, received_at, now() FROM inbound_messages WHERE message_sid = 'SM4'"
            )
            let dry = try await fixture.run("replay", "--since", "1h", "--sender", Self.bob, "--force", "--dry-run")
            #expect(dry.output.contains("SM4:replay:2") && !dry.output.contains("replay:1:"))
            #expect(dry.output.contains("1 processed before, as new runs"))
        }
    }

    /// More than a page, received in the same microsecond.
    @Test func pagesLeaveNothingOut() async throws {
        try await withQueueFixture { fixture in
            _ = try await fixture.sql(
                """
                INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at)
                SELECT 'SM' || n, 'whatsapp:+4477009' || lpad((n % 7)::text, 5, '0'), 'message', 'Body=x',
                       date_trunc('hour', now()) - interval '1 hour' FROM generate_series(1, 350) n
                """)
            let run = try await fixture.run("replay", "--since", "1d", "--yes")
            #expect(run.output.contains("replayed 350 messages of 7 senders"), "\(run.output)\(run.error)")
            let sids = try await pushed(fixture).map(\.messageSID)
            #expect(sids == (1...350).map { "SM\($0)" })
        }
    }
}
