import Common
import TestSupport
import Testing

@Suite struct DeadTests {
    struct Letters: Decodable {
        struct Letter: Decodable {
            var messageSid: String
            var sender: String
            var kind: String?
            var reason: String
            var deliveries: Int
            var status: String
            var redacted: Bool
            var replayable: Bool
            var body: String?
        }
        var deadLetters: [Letter]
        var total: Int?
        var sids: [String] { deadLetters.map(\.messageSid) }
    }

    /// Three letters: one old, one of somebody else, one that nobody can read.
    func withLetters(_ body: (QueueFixture) async throws -> Void) async throws {
        try await withQueueFixture { fixture in
            let now = Timestamp.now
            let old = (now - .seconds(3 * 3600)).milliseconds
            let entries = [
                QueueFixture.dead(QueueFixture.envelope("SM1"), at: old),
                QueueFixture.dead(
                    QueueFixture.envelope("SM2", "bye \u{1B}[2J", from: "whatsapp:GB.13491208655302741918")),
                QueueFixture.dead(Array("nonsense 447700900123".utf8), reason: "malformed"),
            ]
            for entry in entries { _ = try await fixture.redis("RPUSH", "{wa:0}:dead", .init(entry)) }
            try await body(fixture)
        }
    }

    @Test func listShowsWhatRedisHasAndRecordsIt() async throws {
        try await withLetters { fixture in
            let run = try await fixture.run("dead", "list")
            #expect(run.exitCode == 0, "\(run.error)")
            let lines = run.output.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(run.output.contains("whatsapp:+4477…123"))
            #expect(!run.output.contains("7700900123"))
            #expect(!run.output.contains("hello"))
            #expect(try await fixture.sql("SELECT count(*) FROM dead_letters") == "3")

            // The table is the authority: what is no longer in Redis is still there.
            _ = try await fixture.redis("DEL", "{wa:0}:dead")
            let json = try await fixture.run("dead", "list", "--json").json(Letters.self)
            #expect(json.total == 3)
            #expect(json.sids.prefix(2) == ["SM1", "SM2"])
            #expect(json.deadLetters[0].deliveries == 8)
            #expect(json.deadLetters[0].sender == "whatsapp:+4477…123")
            #expect(json.deadLetters[0].kind == "message")
            #expect(json.deadLetters.map(\.replayable) == [true, true, false])
            let revealed = try await fixture.run("dead", "list", "--json", "--reveal").json(Letters.self)
            #expect(revealed.deadLetters[0].sender == "whatsapp:+447700900123")
        }
    }

    @Test func listSelects() async throws {
        try await withLetters { fixture in
            func sids(_ arguments: String...) async throws -> [String] {
                let run = try await OperatorRun(
                    ["dead", "list", "--json"] + arguments, environment: fixture.environment)
                #expect(run.exitCode == 0, "\(run.error)")
                return try run.json(Letters.self).sids
            }
            let recent = try await sids("--since", "1h", "--reason", "deliveries")
            #expect(recent == ["SM2"])
            let before = try await sids("--until", "2h")
            #expect(before == ["SM1"])
            let named = try await sids("--sid", "SM2", "--sid", "SM1")
            #expect(named == ["SM1", "SM2"])
            let numbered = try await sids("--sender", "+447700900123")
            #expect(numbered == ["SM1"])
            let limited = try await sids("--limit", "1")
            #expect(limited == ["SM1"])
            // Whoever has this number now may have written under a user id before.
            _ = try await fixture.sql(
                "INSERT INTO users (sender, phone_number) VALUES ('whatsapp:GB.13491208655302741918', '+447700900123')")
            let both = try await sids("--sender", "+447700900123")
            #expect(both == ["SM1", "SM2"])
        }
    }

    @Test func showTellsAllAndBodiesOnlyWhenAsked() async throws {
        try await withLetters { fixture in
            let run = try await fixture.run("dead", "show", "--sid", "SM2")
            #expect(run.exitCode == 0, "\(run.error)")
            for part in ["delivered too often", "deliveries", "correlation id", "given up on", "open"] {
                #expect(run.output.contains(part), "\(part)")
            }
            #expect(!run.output.contains("bye") && run.error.isEmpty)
            let shown = try await fixture.run("dead", "show", "--sid", "SM2", "--show-body")
            #expect(shown.output.contains("Body=bye") && shown.error.contains("personal data"))
            let json = try await fixture.run("dead", "show", "--sid", "SM2", "--json").json(Letters.self)
            #expect(json.deadLetters[0].body == nil)
            let withBody = try await fixture.run("dead", "show", "--sid", "SM2", "--json", "--show-body")
                .json(Letters.self)
            #expect(withBody.deadLetters[0].body?.contains("Body=bye") == true)
            let nothing = try await fixture.run("dead", "show", "--sid", "SM9")
            #expect(nothing.exitCode == 1 && nothing.error.contains("no dead letter"))
        }
    }

    @Test func digitsOfWhatNobodyCanReadAreNotStored() async throws {
        try await withLetters { fixture in
            _ = try await fixture.run("dead", "list")
            let raw = try await fixture.sql("SELECT encode(raw, 'escape') FROM dead_letters WHERE reason = 'malformed'")
            #expect(raw == "nonsense ############")
        }
    }
}
