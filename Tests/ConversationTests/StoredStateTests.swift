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

    /// Added beside them since, and as readable: drafts that travel along, and the question that interrupts.
    private static let carried: [(json: String, state: Conversation.State)] = {
        var draft = Conversation.ClaimDraft()
        (draft.origin, draft.openStations[.destination]) = ("LDS", ["NWE", "NWP"])
        let fields = #""draft":"kept","origin":"LDS","open.destination":"NWE,NWP""#
        return [
            (#"{"version":1,"name":"awaitingTerms","fields":{"draft":"kept"}}"#, .awaitingTerms(.init())),
            (#"{"version":1,"name":"awaitingTerms","fields":{\#(fields)}}"#, .awaitingTerms(draft)),
            (#"{"version":1,"name":"awaitingPhone","fields":{\#(fields)}}"#, .awaitingPhone(draft)),
            (#"{"version":1,"name":"awaitingOTP","fields":{\#(fields)}}"#, .awaitingOTP(draft)),
            (#"{"version":1,"name":"menu","fields":{\#(fields)}}"#, .menu(draft)),
            (
                #"{"version":1,"name":"confirmingErasure","fields":{"from":"menu","draft":"kept"}}"#,
                .confirmingErasure(from: .menu(.init()))
            ),
            (
                #"{"version":1,"name":"confirmingErasure","fields":{"from":"awaitingOTP",\#(fields)}}"#,
                .confirmingErasure(from: .awaitingOTP(draft))
            ),
            (
                #"{"version":1,"name":"confirmingErasure","fields":{"from":"collecting","slot":"date","origin":"LDS"}}"#,
                .confirmingErasure(
                    from: .claiming(
                        .collecting(.date),
                        {
                            var draft = Conversation.ClaimDraft()
                            draft.origin = "LDS"
                            return draft
                        }()))
            ),
        ]
    }()

    /// A state that is a question about nothing, or about a state that cannot be gone back to, is refused.
    @Test(arguments: [
        [:], ["from": "start"], ["from": "optedOut"], ["from": "confirmingErasure"], ["from": "x"], ["from": ""],
        ["from": "collecting"], ["from": "menu", "draft": "kept", "origin": "QQQ"],
    ])
    func interruptionsOfNothingAreRefused(fields: [String: String]) {
        #expect(throws: StoredState.Unreadable.self) {
            try StoredState(version: 1, name: "confirmingErasure", fields: fields).state()
        }
    }

    @Test(arguments: ["awaitingTerms", "awaitingPhone", "awaitingOTP", "menu"])
    func unreadableDraftsAreRefused(name: String) {
        #expect(throws: StoredState.Unreadable(version: 1, name: name)) {
            try StoredState(version: 1, name: name, fields: ["draft": "kept", "date": "2026-02-30"]).state()
        }
    }

    /// A release before drafts travelled along wrote fields of no meaning here, if any.
    @Test func fieldsWithoutADraftAreNone() throws {
        let stored = StoredState(version: 1, name: "menu", fields: ["origin": "LDS"])
        #expect(try stored.state() == .menu())
    }

    @Test(arguments: versionOne + carried)
    func versionOneIsReadable(json: String, state: Conversation.State) throws {
        #expect(try JSONDecoder().decode(StoredState.self, from: Data(json.utf8)).state() == state)
    }

    @Test(arguments: Samples.states + Everywhere.known.map(\.state))
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
