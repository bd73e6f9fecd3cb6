import Common
import TestSupport
import Testing

@testable import Operator

/// Dead letters in the console, with a real Redis and Postgres.
@Suite struct ConsoleDeadTests {
    static let phone = "+447700900123"

    private func withLetters(_ body: (ConsoleFixture, ConsoleVisitor) async throws -> Void) async throws {
        try await withConsole { console in
            let now = Timestamp.now.milliseconds
            let entries = [
                QueueFixture.dead(QueueFixture.envelope("SM1", "my secret words"), at: now - 3_700_000),
                QueueFixture.dead(
                    QueueFixture.envelope("SM2", "<script>alert(1)</script>", from: "whatsapp:+447700900124"),
                    at: now - 60_000),
                QueueFixture.dead(Array("nonsense 447700900123".utf8), reason: "malformed", at: now - 30_000),
            ]
            for entry in entries { _ = try await console.queue.redis("RPUSH", "{wa:0}:dead", .init(entry)) }
            let visitor = console.visitor()
            try await visitor.get("/dead")
            try await body(console, visitor)
        }
    }

    private func id(_ sid: String, _ console: ConsoleFixture) async throws -> String {
        try await console.queue.sql("SELECT id FROM dead_letters WHERE message_sid LIKE '\(sid)%'")
    }

    private func pushed(_ console: ConsoleFixture) async throws -> [String] {
        let entries = try await console.queue.redis("LRANGE", "{wa:0}:in", 0, -1).array?.compactMap(\.payload) ?? []
        return try entries.map { try Envelope(decoding: $0).messageSID }
    }

    @Test(.timeLimit(.minutes(2)))
    func theyAreListedMaskedAndFiltered() async throws {
        try await withLetters { console, visitor in
            let page = try await visitor.get("/dead").text
            #expect(page.contains("+4477…123") && page.contains("3 letters"))
            #expect(!page.contains("7700900123") && !page.contains("secret words") && !page.contains("<script>alert"))
            let (old, new) = (page.firstRange(of: "letter-SM1"), page.firstRange(of: "letter-SM2"))
            #expect(try #require(new).lowerBound < #require(old).lowerBound, "newest first")
            let recent = try await visitor.get("/dead?since=1h&reason=deliveries").text
            #expect(recent.contains("1 letter<") && recent.contains("letter-SM2") && !recent.contains("letter-SM1"))
            let none = try await visitor.get("/dead?status=replayed").text
            #expect(none.contains("0 letters") && none.contains("No dead letter is like that."))
            let hostile = try await visitor.get("/dead?reason=%22%3E%3Cscript%3E&status=x&before=a-b").text
            #expect(!hostile.contains("\"><script>") && hostile.contains("&quot;&gt;&lt;script&gt;"))
            // More than a page.
            _ = try await console.queue.sql(
                """
                INSERT INTO dead_letters (message_sid, sender, reason, raw, at)
                SELECT 'SMX' || n, 'whatsapp:+447700900125', 'many', '', now() - n * interval '1 second'
                  FROM generate_series(1, 120) n
                """)
            var path = "/dead?reason=many"
            var seen: [String] = []
            for _ in 0..<4 {
                let text = try await visitor.get(path).text
                seen += text.matches(of: /data-testid="letter-(SMX[0-9]+)"/).map { String($0.1) }
                guard let next = text.firstMatch(of: /rel="next" href="([^"]+)"/) else { break }
                path = String(next.1).split(separator: "&amp;").joined(separator: "&")
            }
            #expect(seen == (1...120).map { "SMX\($0)" })
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func whatIsPersonalIsRevealedByAFormAndWrittenDown() async throws {
        try await withLetters { console, visitor in
            let id = try await id("SM1", console)
            let page = try await visitor.get("/dead/\(id)").text
            #expect(page.contains("hidden, 15 characters") && page.contains("whatsapp:+4477…123"))
            #expect(!page.contains("secret words") && !page.contains("7700900123"))
            #expect(page.contains("whatsapp:+14155238886"), "our own number is nobody's secret")
            #expect(try await visitor.get("/dead/\(id)/reveal").status == 404, "not by an address alone")
            #expect(console.lines("revealed").isEmpty)
            let revealed = try await visitor.post("/dead/\(id)/reveal").text
            #expect(revealed.contains("my secret words") && revealed.contains("whatsapp:\(Self.phone)"))
            let lines = console.lines("revealed")
            #expect(lines.count == 1 && lines[0]["record"]?.string == "dead_letter:\(id)")
            #expect(lines.first?["session"]?.string?.isEmpty == false)
            #expect(!(try await visitor.get("/dead/\(id)").text.contains("secret words")), "hidden again")
            #expect(!console.written.contains("7700900123") && !console.written.contains("secret"))

            let malformed = try await self.id("malformed", console)
            let unread = try await visitor.get("/dead/\(malformed)").text
            #expect(unread.contains("Nobody can read it") && !unread.contains("nonsense"))
            #expect(try await visitor.post("/dead/\(malformed)/reveal").text.contains("nonsense ############"))
            #expect(try await visitor.get("/dead/99999").status == 404)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func replayAndDiscardSayHowManyAndDoIt() async throws {
        try await withLetters { console, visitor in
            let nothing = try await visitor.post("/dead/confirm", [("do", "replay")]).text
            #expect(nothing.contains("No letter is selected"))
            #expect(try await visitor.post("/dead/replay", [("do", "replay")]).status == 404, "and none is not all")

            let one = try await id("SM1", console)
            let (question, result) = try await visitor.confirm("/dead", [("do", "replay"), ("id", one)])
            #expect(question.contains("Replay 1 dead letter?"))
            #expect(result.contains("Replayed 1 dead letter.") && result.contains("replayed <time"))
            #expect(try await pushed(console) == ["SM1"])
            #expect(console.lines("replayed dead letters").first?["records"]?.string == "dead_letter:\(one)")

            // What dies after the question is not meant by it.
            let asked = try await visitor.post("/dead/confirm", [("do", "replay-all")]).text
            #expect(asked.contains("Replay 1 dead letter?") && asked.contains("1 letter cannot be replayed"))
            let late = QueueFixture.dead(QueueFixture.envelope("SM9"))
            _ = try await console.queue.redis("RPUSH", "{wa:0}:dead", .init(late))
            _ = try await console.queue.run("dead", "list")
            let all = try await visitor.post(
                "/dead/replay", ConsoleVisitor.hidden(asked, action: "/dead/replay")
            ).text
            #expect(all.contains("Replayed 1 dead letter. 1 letter cannot be replayed."))
            #expect(try await pushed(console) == ["SM1", "SM2"])

            let (gone, discarded) = try await visitor.confirm(
                "/dead", [("do", "discard-all"), ("reason", "malformed")])
            #expect(gone.contains("Discard 1 dead letter?") && gone.contains("cannot be taken back"))
            #expect(discarded.contains("Discarded 1 dead letter."))
            let states = try await console.queue.sql(
                "SELECT message_sid FROM dead_letters WHERE discarded_at IS NULL AND replayed_at IS NULL")
            #expect(states == "SM9")
            let (again, _) = try await visitor.confirm("/dead", [("do", "replay"), ("id", one)])
            #expect(again.contains("There is nothing to replay") && again.contains("dealt with before"))
        }
    }
}
