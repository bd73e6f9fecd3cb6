import TestSupport
import Testing

@testable import Conversation

/// Random chats: what holds whatever is said.
@Suite struct ClaimWalkTests {
    private static let texts: [String] =
        SentenceReaderTests.table.map(\.0) + SentenceReaderTests.answers.map(\.1)
        + JourneyReaderTests.table.map(\.0)
        + [
            "DELAY", "SKIP", "SKIP", "SKIP", "BACK", "EDIT", "EDIT DATE", "EDIT FROM", "YES", "NO",
            "CANCEL", "STATUS", "MENU", "HELP",
            "1", "2", "am", "pm", ClaimChat.sentence, ClaimChat.sentence, "standard", "advance", "£12.50",
            "40", "yesterday",
        ]

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func chatsKeepTheRules(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var chat = ClaimChat()
        for step in 0..<60 {
            let input: Conversation.Input =
                switch Int.random(in: 0..<20, using: &random) {
                case 0:
                    ClaimChat.photo(
                        ["image/png", "image/webp", "audio/ogg"].randomElement(using: &random) ?? "")
                case 1: .other(Conversation.Kind.allCases.randomElement(using: &random) ?? .contact)
                default: .text(Self.texts.randomElement(using: &random) ?? "")
                }
            let before = chat
            let reply = chat.send(input)
            func place() -> Comment {
                "seed \(seed), step \(step): \(StoredState(before.state).name) \(StoredState(before.state).fields) \(input) -> \(StoredState(chat.state).name) \(reply)"
            }
            try #require(chat.last.replies.count == 1 || chat.state == .optedOut, place())
            try #require((1...1000).contains(reply.utf16.count), place())
            for wrong in ["Optional(", "nil", "\\(", "  ", "\n\n\n", "Noted: nothing"] {
                try #require(!reply.contains(wrong), place())
            }
            try #require(try StoredState(chat.state).state() == chat.state, place())
            try #require(chat.submitted.count - before.submitted.count <= 1, place())
            if chat.submitted.count > before.submitted.count {
                try #require(
                    before.claimState == .confirmingClaim && Command(reading: input.words) == .yes, place())
            }
            if let draft = chat.draft {
                try #require(draft.origin == nil || draft.origin != draft.destination, place())
                if let date = draft.date { try #require(date <= Notation.today, place()) }
                if chat.claimState == .confirmingClaim {
                    try #require(Conversation.Claim(draft, reference: "x") != nil, place())
                }
                // What was answered stays answered, unless the answer was made impossible by another.
                if let old = before.draft {
                    let lost = Conversation.Slot.allCases.filter { old.has($0) && !draft.has($0) }
                    let isExplained = reply.contains("cannot begin") || reply.contains("has not come")
                    try #require(lost.isEmpty || isExplained, place())
                }
            }
            try advertised(chat, reply, place)
            if case .optedOut = chat.state { chat.state = .menu() }
            if chat.state == .start { chat.state = .menu() }
        }
    }

    /// Every command that a reply mentions does something in the state that the reply leads to.
    private func advertised(_ chat: ClaimChat, _ reply: String, _ place: () -> Comment) throws {
        let ordinary: Set<String> = ["PDF", "JPEG", "PNG"]
        for command in Advertised.commands(in: Self.withoutCodes(reply))
        where !ordinary.contains(command) {
            let names = command.split(separator: " ")
            // EDIT DATE stands for a list of names after it, which work behind EDIT.
            let isName = ["FROM", "TO", "TIME", "FARE", "CLASS", "TYPE", "PHOTO", "DELAY"].contains(
                command)
            var next = chat
            let text = isName && chat.claimState != nil ? "EDIT \(names[0])" : command
            let answer = next.send(text)
            try #require(!answer.contains("did not understand"), "\(text) \(place())")
            try #require(
                ClaimCommand(reading: text) != nil || Command(reading: text) != nil
                    || SettingsCommand(reading: text) != nil, "\(text) \(place())")
            if text == "YES" { try #require(next.submitted.count == chat.submitted.count + 1, place()) }
            if text == "SKIP" { try #require(next.state != chat.state, place()) }
        }
    }

    /// The codes of stations and references are no commands.
    private static func withoutCodes(_ reply: String) -> String {
        reply.replacing(#/\([A-Z]{3}\)|DR-[A-Z0-9]+/#, with: "")
    }

    /// A stored draft that cannot be read restarts the conversation instead of going on without it.
    @Test func unreadableFieldsAreRefused() throws {
        let stored = StoredState(ClaimChat.complete().state)
        #expect(try stored.state() == ClaimChat.complete().state)
        let broken = [
            "date": "2026-02-30", "origin": "QQQ", "departure": "25:00", "delayMinutes": "x",
            "farePence": "0",
            "ticketClass": "third", "ticketType": "x", "skipped": "x", "delayPrecision": "x",
        ]
        for (field, value) in broken {
            var copy = stored
            copy.fields[field] = value
            #expect(throws: StoredState.Unreadable.self, "\(field)") { try copy.state() }
        }
        for name in ["collecting", "choosingStation", "choosingTime"] {
            var copy = stored
            copy.name = name
            #expect(throws: StoredState.Unreadable.self, "\(name)") { try copy.state() }
        }
    }

    @Test func everyStateIsStoredUnderItsName() throws {
        var names: Set<String> = []
        for chat in ClaimChat.everywhere() {
            let stored = StoredState(chat.state)
            names.insert(stored.name)
            #expect(try stored.state() == chat.state)
        }
        #expect(names == ["collecting", "choosingStation", "choosingTime", "confirmingClaim"])
    }
}
