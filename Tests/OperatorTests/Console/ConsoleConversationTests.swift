import Common
import NIOHTTP1
import TestSupport
import Testing

@testable import Operator

/// One person's conversation in the console, with a real Redis and Postgres.
@Suite struct ConsoleConversationTests {
    @Test(.timeLimit(.minutes(2)))
    func itIsFoundByNumberAndTheNumberIsNowhereButThere() async throws {
        try await withConsole { console in
            _ = try await console.queue.sql(
                """
                INSERT INTO users (sender, phone_number, verified_at, terms_accepted_at, terms_version)
                VALUES ('whatsapp:+447700900123', '+447700900123', now(), now(), '1');
                INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, processed_at, correlation_id)
                VALUES ('SM00000000000000000000000000000001', 'whatsapp:+447700900123', 'message',
                        'MessageSid=SM00000000000000000000000000000001&Body=my+secret+words&From=whatsapp%3A%2B447700900123',
                        now(), now(), 'c-1')
                """)
            let visitor = console.visitor()
            try await visitor.get("/conversations")
            let moved = try await visitor.post("/conversations", [("words", "07700 900123")], follows: false)
            let place = moved.headers.first(name: "Location") ?? ""
            #expect(moved.status == 303 && place.hasPrefix("/conversations/") && !place.contains("7700"))
            let story = try await visitor.get(place).text
            #expect(story.contains("whatsapp:+4477…123") && story.contains("SM00000000000000000000000000000001"))
            #expect(!story.contains("7700900123") && !story.contains("secret words"))
            #expect(console.lines("revealed").isEmpty)
            let revealed = try await visitor.post(place).text
            #expect(revealed.contains("whatsapp:+447700900123") && revealed.contains("my secret words"))
            let user = try await console.queue.sql("SELECT id FROM users")
            #expect(console.lines("revealed").compactMap { $0["record"]?.string } == ["user:\(user)"])
            #expect(console.lines("looked up a conversation").count == 1)
            #expect(try await visitor.post("/conversations", [("words", "c-1")]).text.contains("sought"))
            let sought = QueueFixture.dead(QueueFixture.envelope("SM00000000000000000000000000000002"))
            _ = try await console.queue.redis("RPUSH", "{wa:0}:dead", .init(sought))
            _ = try await console.queue.run("dead", "list")
            let letter = try await visitor.get("/dead/1").text
            let words = ConsoleVisitor.hidden(letter, action: "/conversations")
            #expect(words.map(\.1) == ["SM00000000000000000000000000000002"])
            #expect(try await visitor.post("/conversations", words).text.contains("given up on"))

            for words in ["07700 900999", "SM00000000000000000000000000000009", "nobody"] {
                let none = try await visitor.post("/conversations", [("words", words)])
                #expect(none.status == 404 && !none.text.contains("900999"), "\(words)")
            }
            #expect(try await visitor.post("/conversations", [("words", "0770 0900 1")]).text.contains("neither"))
            let other = console.visitor()
            try await other.get("/conversations")
            let elsewhere = try await other.get(place)
            #expect(elsewhere.status == 303, "what stands for a number does so in one session")
            #expect(!console.written.contains("7700900") && !console.written.contains("900999"))
        }
    }

    @Test func whatIsNoNumberIsSoughtAsWhatItMayBe() {
        func kind(_ words: String) -> String {
            switch ConversationRoutes.entry(words) {
            case .sender(let sender)?: sender.text
            case .message?: "message"
            case .correlation?: "correlation"
            case nil: "nothing"
            }
        }
        #expect(kind(" +44 7700 900123 ") == "whatsapp:+447700900123")
        #expect(kind("SM0123456789abcdef0123456789abcdef") == "message")
        #expect(kind("0f8fad5b-d9cb-469f-a165-70867728950e") == "correlation")
        for words in ["", " ", "12345", "+44", "two words", String(repeating: "x", count: 201)] {
            #expect(kind(words) == "nothing", "\(words)")
        }
    }
}
