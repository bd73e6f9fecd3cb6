import Common
import TestSupport
import Testing

@testable import Operator

@Suite struct ConversationShowTests {
    private func steps(_ run: OperatorRun) throws -> [JSONValue] {
        let value = try #require(JSONValue(parsing: Array(run.output.utf8)), "\(run.error)")
        guard case .array(let steps)? = value["steps"] else { throw HarnessError("no steps in \(run.output)") }
        return steps
    }

    @Test func aStoryIsToldInOrderWithoutWordsAndNumbers() async throws {
        try await withQueueFixture { fixture in
            try await StoryFixture.write(fixture)
            let run = try await fixture.run("conversation", "show", "07700 900123", "--json")
            #expect(run.exitCode == 0, "\(run.error)")
            let steps = try steps(run)
            #expect(
                steps.map { $0["kind"]?.string } == [
                    "in", "code", "out", "out", "in", "code", "claim", "claim", "in", "dead", "event",
                ], "\(run.output)")
            let summaries = steps.compactMap { $0["summary"]?.string }
            #expect(summaries[0] == "text of 8 characters; start -> awaitingOTP; 2 replies; done after 45 ms")
            #expect(summaries[1] == "code made, by sms, 1 wrong try")
            #expect(summaries[2] == "reply 0 by whatsapp: delivered, after 1.2 s")
            #expect(summaries[3].contains("reply 1 by whatsapp: failed") && summaries[3].contains("error 63016"))
            #expect(
                summaries[4]
                    == "words not kept, as they may hold a code; awaitingOTP -> menu; 0 replies; done after 2.0 s")
            #expect(summaries[6] == "claim DR-CDFGHJ made; it is eligible now")
            #expect(summaries[7] == "claim DR-CDFGHJ evaluated, 35 minutes late, 1250 pence")
            #expect(summaries[8] == "image/png, text of 6 characters; NOT PROCESSED")
            #expect(summaries[9] == "given up on after 8 deliveries: deliveries; no answer")
            #expect(summaries[10] == "user.verified; redis waits")
            let troubles = zip(steps, 0...).filter { $0.0["to_look_at"] == .bool(true) }.map(\.1)
            #expect(troubles == [3, 8, 9])
            #expect(steps.filter { $0["correlation_id"]?.string == "c-1" }.count == 3)
            for personal in ["7700900123", "marzipan", "nougat", "quince", "LDS", "somebody"] {
                #expect(!run.output.contains(personal), "\(personal)")
            }
            let value = try #require(JSONValue(parsing: Array(run.output.utf8)))
            #expect(value["sender"]?.string == "whatsapp:+4477…123")
            #expect(value["now"]?["state"]?.string == "claimRoute" && value["now"]?["list"]?.string == "idle")
            #expect(value["standing"]?["terms_version"]?.string == "2")
        }
    }

    @Test func revealShowsWordsButNoCode() async throws {
        try await withQueueFixture { fixture in
            try await StoryFixture.write(fixture)
            let envelope = QueueFixture.envelope("SM5", "my code is 482913", from: StoryFixture.sender)
            _ = try await fixture.redis("RPUSH", .init("{wa:0}:q:\(StoryFixture.sender)"), .init(envelope))
            let run = try await fixture.run("conversation", "show", "+447700900123", "--reveal")
            #expect(run.exitCode == 0 && run.error.contains("personal data"), "\(run.error)")
            for shown in ["+447700900123", "| marzipan", "| Hello nougat", "| quince", "LDS to YRK", "origin: LDS"] {
                #expect(run.output.contains(shown), "\(shown) in \(run.output)")
            }
            #expect(!run.output.contains("482913") && run.output.contains("waiting"))
            let json = try await fixture.run("conversation", "show", "+447700900123", "--reveal", "--json")
            #expect(json.output.contains(#""body":"marzipan""#) && !json.output.contains("482913"))
            let masked = try await fixture.run("conversation", "show", "+447700900123")
            #expect(masked.output.contains("whatsapp:+4477…123, user \(StoryFixture.user)"))
            #expect(!masked.output.contains("marzipan") && !masked.output.contains("7700900123"))
            #expect(masked.output.contains("now in claimRoute"))
        }
    }

    @Test func messagesAndCorrelationIDsAreWaysIn() async throws {
        try await withQueueFixture { fixture in
            try await StoryFixture.write(fixture)
            for way in [[StoryFixture.unanswered], ["--sid", StoryFixture.unanswered], ["--correlation-id", "c-3"]] {
                let run = try await OperatorRun(
                    ["conversation", "show", "--json"] + way, environment: fixture.environment)
                let steps = try steps(run)
                // An hour around it: not what was two hours ago.
                #expect(steps.compactMap { $0["message_sid"]?.string }.first == StoryFixture.unanswered, "\(way)")
                #expect(steps.filter { $0["sought"] == .bool(true) }.count == 1, "\(way)")
            }
            let ours = try await fixture.run("conversation", "show", StoryFixture.providerSID, "--json")
            let sought = try steps(ours).filter { $0["sought"] == .bool(true) }
            #expect(sought.map { $0["kind"]?.string } == ["out"])
            let unknown = try await fixture.run("conversation", "show", "SM" + String(repeating: "9", count: 32))
            #expect(unknown.exitCode == 1 && unknown.error.contains("no message SM9999"))
            let no = try await fixture.run("conversation", "show", "--correlation-id", "c-0")
            #expect(no.exitCode == 1 && no.error.contains("no message has the correlation id c-0"))
            let nobody = try await fixture.run("conversation", "show", "+447700900000")
            #expect(nobody.exitCode == 1 && nobody.error.contains("nobody is known as whatsapp:+4477…000"))
        }
    }

    @Test func aMessageLeadsToItsWholeConversation() async throws {
        try await withQueueFixture { fixture in
            try await StoryFixture.write(fixture)
            let id = "0199d2c4-8a51-7c3e-9f60-2b8f4a6d1e99"
            _ = try await fixture.sql(
                """
                UPDATE inbound_messages SET conversation_id = '\(id)' WHERE sender = '\(StoryFixture.sender)';
                UPDATE outbound_messages SET conversation_id = '\(id)';
                """)
            let run = try await fixture.run("conversation", "show", StoryFixture.unanswered, "--json")
            let steps = try steps(run)
            #expect(steps.count == 11 && steps[0]["conversation_id"]?.string == id, "\(run.output)")
            let text = try await fixture.run("conversation", "show", "+447700900123")
            #expect(text.output.split(separator: "\n").count { $0 == "-- conversation \(id)" } == 1, "\(text.output)")
        }
    }

    @Test func whatIsLeftOutIsSaid() async throws {
        try await withQueueFixture { fixture in
            try await StoryFixture.write(fixture)
            let run = try await fixture.run("conversation", "show", "+447700900123", "--limit", "3", "--json")
            #expect(try steps(run).compactMap { $0["kind"]?.string } == ["in", "dead", "event"])
            #expect(run.output.contains(#""cut":true"#))
            let since = try await fixture.run("conversation", "show", "+447700900123", "--since", "1h", "--json")
            #expect(try steps(since).count == 3 && since.output.contains(#""cut":false"#))
            _ = try await fixture.sql(
                "UPDATE inbound_messages SET sender = '', raw = NULL WHERE message_sid = '\(StoryFixture.unanswered)'")
            let erased = try await fixture.run("conversation", "show", StoryFixture.unanswered)
            #expect(erased.exitCode == 1 && erased.error.contains("erased"))
        }
    }

    @Test(arguments: [
        [], ["someone"], ["+447700900123", "--sid", "SM1"], ["+447700900123", "--limit", "0"],
        ["+447700900123", "--since", "1h", "--until", "2h"], ["--sid", "SM1", "--correlation-id", "x"],
    ])
    func whoseItIsMustBeSaidOnce(arguments: [String]) async throws {
        let run = try await OperatorRun(["conversation", "show"] + arguments)
        #expect(run.exitCode == 2 && run.output.isEmpty, "\(run.error)")
    }
}
