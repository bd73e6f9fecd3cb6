import Common
import TestSupport
import Testing

/// What `operator conversation show` tells of a conversation that the built processes really had.
@Suite(.serialized) struct StorySystemTests {
    private static let phone = "+447700900123"

    @Test(.timeLimit(.minutes(2)))
    func aRegistrationIsToldStepByStep() async throws {
        try await withProduct { product in
            var processes: [ServerProcess] = []
            for program in [Product.Program.simulator, .ingest, .worker, .relay] {
                processes.append(try await product.start(program))
            }
            let chat = "whatsapp:" + Self.phone
            try await product.say("hi there", sid: sid(1), from: Self.phone)
            try await until("the welcome has come") { try await product.replies(to: chat).count == 1 }
            try await product.say("YES", sid: sid(2), from: Self.phone)
            try await until("the code has come") { try await product.replies(to: Self.phone).count == 1 }
            let text = try await product.replies(to: Self.phone).last ?? ""
            let code = try #require(text.firstRange(of: /[0-9]{6}/).map { String(text[$0]) })
            try await product.say(code, sid: sid(3), from: Self.phone)
            try await until("the menu has come") { try await product.replies(to: chat).count == 3 }
            try await until("the events are on the stream") { try await product.events().count == 2 }
            try await until("the last reply was read, and the relay has said so") {
                try await product.postgres.psql(
                    """
                    SELECT count(*) FILTER (WHERE state <> 'read' AND channel = 'whatsapp') = 0
                       AND (SELECT count(*) = 2 FROM whatsapp_handler.outbox_progress WHERE is_published)
                      FROM whatsapp_handler.outbound_messages
                    """, database: product.database) == "t"
            }

            let story = try await product.operator("conversation", "show", Self.phone)
            for told in [
                "text of 8 characters; start -> awaitingTerms", "awaitingTerms -> awaitingOTP",
                "words not kept, as they may hold a code; awaitingOTP -> menu", "code made, by sms",
                "the code came back: number verified", "user.registered; redis has it", "user.verified; redis has it",
                "reply 0 by whatsapp: read", "now in menu", "-- conversation ", "accepted terms 1",
            ] {
                #expect(story.contains(told), "\(told) in \(story)")
            }
            for personal in [code, "7700900123", "hi there"] { #expect(!story.contains(personal), "\(personal)") }
            #expect(!story.contains("to look at"), "\(story)")

            // Any message leads to the same conversation.
            let sought = try await product.operator("conversation", "show", sid(3), "--reveal")
            #expect(sought.contains("| hi there") && sought.contains("> ") && !sought.contains(code), "\(sought)")
            for process in processes { try await process.stop() }
        }
    }

    private func sid(_ number: Int) -> String { "SM" + String(repeating: "0", count: 31) + "\(number)" }
}
