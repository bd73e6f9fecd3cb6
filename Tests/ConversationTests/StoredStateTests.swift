import FoundationEssentials
import Testing

@testable import Conversation

@Suite struct StoredStateTests {
    /// Written by version 1; a later version must still read it, so that this list is only ever added to.
    private static let versionOne: [(json: String, state: Conversation.State)] = [
        (#"{"version":1,"name":"start","fields":{}}"#, .start),
        (#"{"version":1,"name":"awaitingTerms","fields":{}}"#, .awaitingTerms()),
        (#"{"version":1,"name":"awaitingPhone","fields":{}}"#, .awaitingPhone()),
        (#"{"version":1,"name":"awaitingOTP","fields":{}}"#, .awaitingOTP()),
        (#"{"version":1,"name":"menu","fields":{}}"#, .menu()),
        (#"{"version":1,"name":"optedOut","fields":{}}"#, .optedOut),
    ]

    @Test(arguments: versionOne)
    func versionOneIsReadable(json: String, state: Conversation.State) throws {
        #expect(try JSONDecoder().decode(StoredState.self, from: Data(json.utf8)).state() == state)
    }

    @Test(arguments: Samples.states)
    func everyStateSurvivesStorage(state: Conversation.State) throws {
        let json = try JSONEncoder().encode(StoredState(state))
        #expect(try JSONDecoder().decode(StoredState.self, from: json).state() == state)
    }

    @Test(arguments: [
        (2, "start"), (0, "start"), (-1, "menu"), (1, ""), (1, "Start"), (1, "awaitingOtp"), (1, "collecting"),
    ])
    func theUnknownIsRefused(version: Int, name: String) {
        #expect(throws: StoredState.Unreadable(version: version, name: name)) {
            try StoredState(version: version, name: name, fields: [:]).state()
        }
    }
}
