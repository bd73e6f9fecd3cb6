import Common

/// One person's conversation, step by step.
struct StoryPage: Sendable {
    let story: ConversationStory
    /// What the story is known by in this session.
    let handle: String
    /// Whether numbers and words are shown, which was asked for and written down.
    let isRevealed: Bool
    let now: Timestamp

    func html(_ session: Session) -> HTML {
        let steps: [HTML] = story.steps.map { step in item(step) }
        let cut: HTML = story.isCut ? #"<p class="soft">Earlier steps are left out.</p>"# : ""
        let list: HTML =
            steps.isEmpty
            ? #"<p class="none">No steps.</p>"#
            : #"<ol class="story" aria-label="Steps, oldest first" data-testid="story">\#(steps)</ol>"#
        let troubles: HTML =
            story.troubles == 0
            ? "" : #"<span class="tag bad">\#(HTML.several(story.troubles, "step")) to look at</span>"#
        return #"""
            <p class="trail"><a href="/conversations">Conversations</a></p>
            <div class="heading"><h1 data-testid="address">\#(HTML.sender(story.address, isRevealed: isRevealed))</h1>\#(troubles)\#(reveal(session))</div>
            <dl class="facts">\#(facts.map { #"<div><dt>\#($0.name)</dt><dd>\#($0.value)</dd></div>"# as HTML })</dl>
            \#(cut)\#(list)
            <h2>Another</h2>\#(SearchPage.form(session))
            """#
    }

    private var facts: [(name: String, value: HTML)] {
        var facts: [(name: String, value: HTML)] = [
            ("Now", #"<span data-testid="now">\#(story.live.text(reveal: isRevealed, now: now))</span>"#),
            ("Standing", "\(story.standing?.text ?? "nothing is settled about them")"),
            ("User", #"<span class="mono">\#(story.user?.description ?? "none")</span>"#),
        ]
        if let since = story.since, let until = story.until {
            facts.append(("Steps", "from \(HTML.moment(since)) to \(HTML.moment(until))"))
        }
        return facts
    }

    private func reveal(_ session: Session) -> HTML {
        if isRevealed {
            return
                #"<a class="button" href="/conversations/\#(handle)" data-testid="hide">Hide</a><p class="soft">What a passenger wrote: personal, not to be copied or kept.</p>"#
        }
        return #"""
            <form method="post" action="/conversations/\#(handle)">\#(session.field)<button data-testid="reveal">Reveal (is written down)</button></form>
            """#
    }

    private func item(_ step: ConversationStep) -> HTML {
        let marks: HTML = step.isTrouble ? #" <span class="tag bad">look</span>"# : ""
        let sought: HTML = step.isSought ? #" <span class="tag">sought</span>"# : ""
        let ids = [step.messageSID, step.correlationID].compactMap(\.self)
        let shown = step.details.filter { isRevealed || !$0.isPersonal }
        let more: HTML =
            ids.isEmpty && shown.isEmpty
            ? ""
            : #"<div class="more">\#(shown.map { #"<span>\#($0.name): \#($0.value)</span> "# as HTML })<span class="mono">\#(ids.joined(separator: " · "))</span></div>"#
        let said: HTML? = isRevealed ? step.body.map { #"<div class="said">\#($0)</div>"# } : nil
        return #"""
            <li class="step\#(" trouble", if: step.isTrouble)\#(" sought", if: step.isSought)">\#(HTML.moment(step.at))<span class="tag">\#(Self.name(step.kind))</span><div class="what">\#(step.summary)\#(marks)\#(sought)</div>\#(more)\#(said)</li>
            """#
    }

    private static func name(_ kind: ConversationStep.Kind) -> String {
        switch kind {
        case .message: "in"
        case .told: "told"
        case .code: "code"
        case .claim: "claim"
        case .reply: "out"
        case .event: "event"
        case .dead: "dead"
        case .waiting: "waiting"
        }
    }
}
