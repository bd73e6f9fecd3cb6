import FoundationEssentials
import Testing

@testable import Conversation

/// Keeps `docs/conversation.md` true: a change of behaviour or wording shows in review as a change of that page.
@Suite struct DocumentationTests {
    @Test func thePageIsCurrent() throws {
        let path = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/docs/conversation.md"
        let page = Self.page()
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] != nil {
            let folder = path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try page.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let stored = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        #expect(
            stored == page,
            "docs/conversation.md is out of date: UPDATE_DOCS=1 swift test --disable-xctest --filter DocumentationTests"
        )
    }

    private static func page() -> String {
        """
        # The conversation

        Written by `DocumentationTests` from the code itself; after a change of behaviour or wording:
        `UPDATE_DOCS=1 swift test --disable-xctest --filter DocumentationTests`.

        `Conversation.reduce(state, input, context)` returns the next state and the effects, and does nothing itself. The
        code is in `Sources/Worker/Conversation`, every text in its folder `Texts`.

        ## States

        ```mermaid
        stateDiagram-v2
            [*] --> start
        \(edges().joined(separator: "\n"))
        ```

        What is not drawn stays where it is. A message that opens a session (`start`) is also processed. Someone who said
        STOP hears nothing until START; HELP is still answered.

        ## What is understood

        Case, punctuation and polite words do not matter, and each command has everyday synonyms
        (`Command+phrases.swift`); a button's payload and the words under a photo count as text.

        \(tables().joined(separator: "\n\n"))

        ## A sample chat

        \(chat())

        """
    }

    // MARK: - The pieces

    /// Who stands in a state, what they send, and what is known of it.
    private struct Example {
        var who: String
        var sent: String
        var state: Conversation.State
        var input: Conversation.Input
        var context: Conversation.Context

        var transition: Conversation.Transition { Conversation.reduce(state, input, context) }
    }

    private static let commands = [
        "YES", "NO", "TERMS", "RESEND", "CHANGE NUMBER", "HELP", "MENU", "RESTART", "LOGOUT", "STOP", "START",
        "SETTINGS",
        "NOTIFICATIONS OFF", "LANGUAGE WELSH", "TIME ZONE PARIS", "DELETE MY DATA", "BACK", "CANCEL",
    ]

    private static func examples(_ state: Conversation.State) -> [Example] {
        people(state).flatMap { who, user in
            let plain = (commands + ["hello", "anything else"]).map { text in
                Example(who: who, sent: text, state: state, input: .text(text), context: Samples.context(user))
            }
            let voice = Example(
                who: who, sent: "a voice note", state: state, input: .other(.voiceNote),
                context: Samples.context(user))
            return plain + [voice] + answers(state, who, user)
        }
    }

    private static func people(_ state: Conversation.State) -> [(String, Conversation.User)] {
        switch state {
        case .start:
            [
                ("unknown", Samples.user(isNew: true)), ("no terms yet", Samples.user()),
                ("not verified", Samples.user(terms: true)), ("verified", Samples.user(in: .menu())),
            ]
        case .awaitingTerms:
            [("", Samples.user(in: state)), ("username only", Samples.user(phone: nil, byUsername: true))]
        case .awaitingOTP:
            [("", Samples.user(in: state)), ("username only", Samples.user(byUsername: true, terms: true))]
        case .awaitingPhone, .menu, .claiming, .confirmingErasure, .optedOut: [("", Samples.user(in: state))]
        }
    }

    private static func answers(
        _ state: Conversation.State, _ who: String, _ user: Conversation.User
    ) -> [Example] {
        func example(
            _ sent: String, _ text: String, check: Conversation.CodeCheck = .noCode,
            allowance: Conversation.CodeAllowance = .allowed
        ) -> Example {
            Example(
                who: who, sent: sent, state: state, input: .text(text),
                context: Samples.context(user, check: check, allowance: allowance))
        }
        switch state {
        case .start, .awaitingTerms, .menu, .claiming, .confirmingErasure, .optedOut: return []
        case .awaitingPhone:
            return [
                example("a mobile number", "07700 900123"),
                example("a mobile number, too soon", "07700 900123", allowance: .wait(minutes: 4)),
            ]
        case .awaitingOTP:
            guard who.isEmpty else { return [] }
            return [
                example("the right code", "123456", check: .correct),
                example("a wrong code", "123456", check: .wrong(attemptsLeft: 4)),
                example("a wrong code, the last try", "123456", check: .wrong(attemptsLeft: 0)),
                example("a wrong code, too many in a row", "123456", check: .wrongAndLocked(minutes: 60)),
                example("the right code, locked", "123456", check: .correct, allowance: .locked(minutes: 12)),
                example("a code that is too old", "123456", check: .expired),
                example("a code tried too often", "123456", check: .burned),
                example("a code, none sent", "123456", check: .noChallenge),
                example("RESEND, too soon", "RESEND", allowance: .wait(minutes: 4)),
                example("RESEND, too many today", "RESEND", allowance: .dailyLimit),
                example("RESEND, locked", "RESEND", allowance: .locked(minutes: 60)),
            ]
        }
    }

    private static func edges() -> [String] {
        var labels: [(edge: String, inputs: [String])] = []
        for state in Samples.states {
            for example in examples(state) where example.transition.state != state {
                let edge = "\(name(state)) --> \(name(example.transition.state))"
                let who = example.who.isEmpty || state != .start ? "" : " (\(example.who))"
                let input = state == .start && example.transition.state != .optedOut ? "any message" : example.sent
                let label = input + who
                if let index = labels.firstIndex(where: { $0.edge == edge }) {
                    if !labels[index].inputs.contains(label) { labels[index].inputs.append(label) }
                } else {
                    labels.append((edge, [label]))
                }
            }
        }
        return labels.map { "    \($0.edge): \($0.inputs.joined(separator: ", "))" }
    }

    private static func tables() -> [String] {
        Samples.states.map { state in
            """
            ### \(name(state))

            | sent | done | said | next |
            |---|---|---|---|
            \(rows(state).joined(separator: "\n"))
            """
        }
    }

    /// One row for all that has the same outcome.
    private static func rows(_ state: Conversation.State) -> [String] {
        var rows: [(who: String, outcome: Conversation.Transition, sent: [String])] = []
        for example in examples(state) {
            let outcome = example.transition
            // Of the less usual sender, only what differs.
            if state != .start, !example.who.isEmpty,
                rows.contains(where: { $0.who.isEmpty && $0.outcome == outcome && $0.sent.contains(example.sent) })
            {
                continue
            }
            if let index = rows.firstIndex(where: { $0.who == example.who && $0.outcome == outcome }) {
                rows[index].sent.append(example.sent)
            } else {
                rows.append((example.who, outcome, [example.sent]))
            }
        }
        return rows.map { who, outcome, sent in
            let from = who.isEmpty ? "" : "*\(who):* "
            let deeds = outcome.deeds.map { "`\("\($0)".prefix { $0 != "(" })`" }.joined(separator: " ")
            let reply = outcome.replies.first?.text.replacing("\n", with: "<br>") ?? "*silence*"
            return "| \(from)\(sent.joined(separator: ", ")) | \(deeds) | \(reply) | \(name(outcome.state)) |"
        }
    }

    private static func name(_ state: Conversation.State) -> String { StoredState(state).name }

    /// A passenger's first minutes, a slip and a goodbye included.
    private static func chat() -> String {
        var world = World(Samples.user(isNew: true))
        var lines: [String] = []
        for text in ["Hi, my train was 48 min late", "terms?", "yes please", "000000", "CODE", "thanks", "log out"] {
            let sent = text == "CODE" ? "the code is \(world.challenge?.code ?? "")" : text
            lines.append("> **Ana:** \(sent)")
            let codesBefore = world.codes.count
            for reply in world.receive(.text(sent)).replies {
                lines.append("> **Delay Repay:** " + reply.text.replacing("\n", with: "<br>"))
            }
            for code in world.codes.dropFirst(codesBefore) { lines.append("> *Text message:* " + code) }
        }
        return lines.joined(separator: "\n>\n")
    }
}
