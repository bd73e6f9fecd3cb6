import Common
import Conversation
import FoundationEssentials
import Testing

@testable import Worker

/// What is stored of a state is read and written without Foundation, in the form that its Codable always had.
@Suite struct StoredFormTests {
    static let states: [StoredState] = {
        var kept = StoredState(
            version: 1, name: "menu", fields: ["draft": "kept", "origin": "LDS", "note": "a \"b\"\n/é"])
        kept.conversation = "0192f1c0-0000-7000-8000-000000000000"
        return [StoredState(.start), StoredState(.optedOut), kept]
    }()

    @Test(arguments: states) func whatIsWrittenIsWhatCodableReads(state: StoredState) throws {
        #expect(try JSONDecoder().decode(StoredState.self, from: Data(state.json)) == state)
        #expect(try StoredState(json: state.json) == state)
    }

    @Test(arguments: states) func whatCodableWroteIsRead(state: StoredState) throws {
        #expect(try StoredState(json: Array(JSONEncoder().encode(state))) == state)
    }

    @Test(arguments: ["", "{}", "[]", #"{"version":1,"name":"menu"}"#, #"{"version":"1","name":"menu","fields":{}}"#])
    func whatIsNoStateIsRefused(text: String) {
        #expect(throws: StoredState.Malformed.self) { try StoredState(json: Array(text.utf8)) }
        #expect(throws: PostgresError.self) { try StoredState(storedText: text) }
    }

    @Test func aClaimsStateIsKeptUntilAMessageLeadsToAnother() throws {
        let (first, second) = (Self.states[1], Self.states[2])
        var state = SenderState(stored: first.json)
        #expect(state.json == first.json)
        state.lead(to: nil)
        #expect(state.value == first)
        state.lead(to: second)
        #expect(state.json == second.json && state.value == second)
        state.forget()
        #expect(state.json == nil && state.value == nil)
        #expect(SenderState(stored: Array("no state".utf8)).value == nil)
    }
}
