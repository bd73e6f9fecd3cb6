import FoundationEssentials
import Testing

@testable import Conversation

/// Keeps `docs/conversation.md` true: a change of behaviour or wording shows in review as a change of that page.
@Suite struct DocumentationTests {
    @Test func thePageIsCurrent() throws {
        let path = #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 } + "/docs/conversation.md"
        let page = Self.page()
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] != nil {
            try page.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let stored = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        #expect(
            stored == page,
            "docs/conversation.md is out of date: UPDATE_DOCS=1 swift test --disable-xctest --filter DocumentationTests"
        )
    }

    /// What the page shows is all there is: a state that is added must be told of.
    @Test func everyStateIsOnThePage() {
        let shown = Set(ShownState.all.map { StoredState($0.world.state).name })
        let known = Set(World.allPlaceNames.map { String($0.prefix { $0 != " " }) })
        #expect(shown == known)
        for state in known { #expect(Self.page().contains("### \(state)\n"), "\(state)") }
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

        What is not drawn stays where it is. A message that opens a session (`start`) is also processed. LOGOUT, RESTART,
        STOP, SETTINGS and DELETE MY DATA work wherever somebody is known, and are drawn once. Someone who said STOP hears
        nothing until START; HELP is still answered.

        ## What is understood

        Case, punctuation and polite words do not matter, and each command has everyday synonyms; a button's payload and
        the words under a photo count as text. Every message is read for every answer that it may hold.

        \(tables().joined(separator: "\n\n"))

        ## Sample chats

        \(SampleChat.all.map(\.markdown).joined(separator: "\n\n"))

        """
    }

    // MARK: - The diagram

    private static func edges() -> [String] {
        var labels: [(edge: String, inputs: [String])] = []
        for shown in ShownState.all {
            for row in shown.rows where row.next != shown.name {
                // Drawn from the menu, and the same everywhere.
                if ShownState.everywhere.contains(row.sent), !["menu", "start", "optedOut"].contains(shown.name) {
                    continue
                }
                let edge = "\(shown.name) --> \(row.next)"
                let who = row.who.isEmpty || shown.name != "start" ? "" : " (\(row.who))"
                let input = shown.name == "start" && row.next != "optedOut" ? "any message" : row.sent
                let label = (input + who).replacing(":", with: ".")
                if let index = labels.firstIndex(where: { $0.edge == edge }) {
                    if !labels[index].inputs.contains(label) { labels[index].inputs.append(label) }
                } else {
                    labels.append((edge, [label]))
                }
            }
        }
        return labels.map { "    \($0.edge): \($0.inputs.joined(separator: ", "))" }
    }

    // MARK: - The tables

    private static func tables() -> [String] {
        ShownState.all.map { shown in
            """
            ### \(shown.name)

            | sent | done | said | next |
            |---|---|---|---|
            \(lines(shown).joined(separator: "\n"))
            """
        }
    }

    /// One line for all that has the same outcome.
    private static func lines(_ shown: ShownState) -> [String] {
        var lines: [(row: ShownState.Row, sent: [String])] = []
        for row in shown.rows {
            // Of the less usual sender, only what differs.
            if shown.name != "start", !row.who.isEmpty,
                lines.contains(where: {
                    $0.row.who.isEmpty && $0.row.outcome == row.outcome && $0.sent.contains(row.sent)
                })
            {
                continue
            }
            if let index = lines.firstIndex(where: { $0.row.who == row.who && $0.row.outcome == row.outcome }) {
                lines[index].sent.append(row.sent)
            } else {
                lines.append((row, [row.sent]))
            }
        }
        return lines.map { row, sent in
            let from = row.who.isEmpty ? "" : "*\(row.who):* "
            let deeds = row.outcome.deeds.map { "`\("\($0)".prefix { $0 != "(" })`" }.joined(separator: " ")
            let reply = row.outcome.replies.first?.text.replacing("\n", with: "<br>") ?? "*silence*"
            return "| \(from)\(sent.joined(separator: ", ")) | \(deeds) | \(reply) | \(row.next) |"
        }
    }
}
