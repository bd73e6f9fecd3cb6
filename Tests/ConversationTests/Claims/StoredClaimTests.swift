import Testing

@testable import Conversation

/// A claim that is being made, in storage.
@Suite struct StoredClaimTests {
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
