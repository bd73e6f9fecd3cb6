import Common
import TestSupport
import Testing

@Suite struct DeadReplayTests {
    struct Report: Decodable {
        var replayed: Int?
        var discarded: Int?
        var redacted: Int
        var passedOver: [String: Int]
        var dryRun: Bool
    }

    static let trace = TraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    static let code = QueueFixture.envelope("SM2", "it is 123456", from: "whatsapp:+447700900124", trace: trace)
    static let nonsense = QueueFixture.dead(Array("nonsense".utf8), reason: "malformed")

    func withLetters(_ body: (QueueFixture) async throws -> Void) async throws {
        try await withQueueFixture { fixture in
            let entries = [
                QueueFixture.dead(QueueFixture.envelope("SM1")), QueueFixture.dead(Self.code), Self.nonsense,
                QueueFixture.dead(QueueFixture.envelope("SM3"), at: Timestamp.now.milliseconds + 1),
            ]
            for entry in entries { _ = try await fixture.redis("RPUSH", "{wa:0}:dead", .init(entry)) }
            try await body(fixture)
        }
    }

    func ingress(_ fixture: QueueFixture) async throws -> [[UInt8]] {
        try await fixture.redis("LRANGE", "{wa:0}:in", 0, -1).array?.compactMap(\.payload) ?? []
    }

    @Test func aDryRunChangesNothing() async throws {
        try await withLetters { fixture in
            for command in ["replay", "discard"] {
                let unconfirmed = try await fixture.run("dead", command, "--all")
                #expect(unconfirmed.exitCode == 2 && unconfirmed.error.contains("--yes"))
                let run = try await fixture.run("dead", command, "--all", "--dry-run")
                #expect(run.exitCode == 0 && run.output.contains("would have \(command)"), "\(run.output)")
                let json = try await fixture.run("dead", command, "--all", "--dry-run", "--json").json(Report.self)
                #expect(json.dryRun && (json.replayed ?? json.discarded) == (command == "replay" ? 3 : 4))
            }
            #expect(try await fixture.redis("LLEN", "{wa:0}:dead").int == 4)
            #expect(try await ingress(fixture).isEmpty)
            let closed = "SELECT count(*) FROM dead_letters WHERE replayed_at IS NOT NULL OR discarded_at IS NOT NULL"
            #expect(try await fixture.sql(closed) == "0")
        }
    }

    @Test func replayPushesEachOnceAndSaysWhatItCannot() async throws {
        try await withLetters { fixture in
            let report = try await fixture.run("dead", "replay", "--all", "--yes", "--json").json(Report.self)
            #expect(report.replayed == 3 && report.redacted == 1 && report.passedOver == ["no envelope": 1])
            let pushed = try await ingress(fixture)
            #expect(try pushed.map { try Envelope(decoding: $0).messageSID } == ["SM1", "SM2", "SM3"])
            // The table has it without its words, Redis had them still.
            #expect(pushed.count > 1 && pushed[1] == Self.code)
            let stored = try await fixture.sql(
                "SELECT encode(raw, 'escape') FROM dead_letters WHERE message_sid = 'SM2'")
            #expect(stored.contains("redacted") && !stored.contains("123456"))
            let left = try await fixture.redis("LRANGE", "{wa:0}:dead", 0, -1).array?.compactMap(\.payload)
            #expect(left == [Self.nonsense])
            let marked =
                "SELECT string_agg(message_sid, ',' ORDER BY message_sid) FROM dead_letters WHERE replayed_at IS NOT NULL"
            #expect(try await fixture.sql(marked) == "SM1,SM2,SM3")

            let again = try await fixture.run("dead", "replay", "--all", "--yes")
            #expect(again.output.contains("replayed 0 dead letters") && again.output.contains("1 cannot be replayed"))
            #expect(try await ingress(fixture).count == 3)
        }
    }

    /// Redis has lost its dead list: what the table has is enough.
    @Test func replayWorksFromTheTableAlone() async throws {
        try await withLetters { fixture in
            _ = try await fixture.run("dead", "list")
            _ = try await fixture.redis("FLUSHALL")
            let run = try await fixture.run("dead", "replay", "--sender", "+447700900124", "--yes")
            #expect(run.exitCode == 0 && run.output.contains("replayed 1 dead letters of 1 senders"), "\(run.error)")
            #expect(run.output.contains("without their words"))
            let pushed = try await ingress(fixture).map { try Envelope(decoding: $0) }
            #expect(pushed.map(\.messageSID) == ["SM2"] && pushed[0].trace == Self.trace)
            let form = try #require(FormParameters(parsing: pushed[0].body))
            #expect(form["Body"] == "[redacted]" && form["From"] == "whatsapp:+447700900124")
        }
    }

    /// One that dies again is a new letter, and can be replayed again.
    @Test func aLetterThatDiesAgainIsOpenAgain() async throws {
        try await withLetters { fixture in
            _ = try await fixture.run("dead", "replay", "--sid", "SM1", "--yes")
            let again = QueueFixture.dead(QueueFixture.envelope("SM1"), at: Timestamp.now.milliseconds + 5000)
            _ = try await fixture.redis("RPUSH", "{wa:0}:dead", .init(again))
            let report = try await fixture.run("dead", "replay", "--sid", "SM1", "--yes", "--json").json(Report.self)
            #expect(report.replayed == 1)
            #expect(
                try await fixture.sql("SELECT count(replayed_at) FROM dead_letters WHERE message_sid = 'SM1'") == "2")
        }
    }

    @Test func discardClosesThemHereAndThere() async throws {
        try await withLetters { fixture in
            let report = try await fixture.run("dead", "discard", "--reason", "malformed", "--yes", "--json")
                .json(Report.self)
            #expect(report.discarded == 1)
            #expect(try await fixture.redis("LLEN", "{wa:0}:dead").int == 3)
            let one = try await fixture.run("dead", "discard", "--sid", "SM1", "--yes")
            #expect(one.exitCode == 0 && one.output.contains("discarded 1 dead letters"))
            #expect(try await fixture.redis("LLEN", "{wa:0}:dead").int == 2)
            #expect(try await ingress(fixture).isEmpty)
            // Closed letters are kept, shown on demand, and never replayed.
            let rest = try await fixture.run("dead", "replay", "--all", "--yes", "--json").json(Report.self)
            #expect(rest.replayed == 2 && rest.passedOver.isEmpty)
            let open = try await fixture.run("dead", "list")
            #expect(open.output.isEmpty || open.output == "no dead letters\n")
            let history = try await fixture.run("dead", "list", "--history")
            #expect(history.output.contains("discarded") && history.output.contains("replayed"))
        }
    }

    @Test func anErasedLetterIsPassedOver() async throws {
        try await withLetters { fixture in
            _ = try await fixture.run("dead", "list")
            _ = try await fixture.redis("DEL", "{wa:0}:dead")
            _ = try await fixture.sql("UPDATE dead_letters SET raw = NULL, sender = '' WHERE message_sid = 'SM1'")
            let report = try await fixture.run("dead", "replay", "--sid", "SM1", "--yes", "--json").json(Report.self)
            #expect(report.replayed == 0 && report.passedOver == ["erased": 1])
        }
    }
}
