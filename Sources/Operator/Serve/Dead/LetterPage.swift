import Common

/// All that is known of one dead letter.
struct LetterPage: Sendable {
    let stored: StoredDeadLetter
    /// Whether what is personal is shown, which was asked for and written down.
    let isRevealed: Bool
    let now: Timestamp

    func html(_ session: Session) -> HTML {
        let letter = stored.letter
        let fields = MessageFields(letter)
        let remark: HTML? = fields.remark.map { #"<p class="soft">\#($0)</p>"# }
        return #"""
            <p class="trail"><a href="/dead">Dead letters</a></p>
            <div class="heading"><h1 class="mono">\#(letter.messageSID)</h1>\#(conversation(session))\#(actions(session))</div>
            <dl class="facts">\#(facts.map { #"<div><dt>\#($0.name)</dt><dd>\#($0.value)</dd></div>"# as HTML })</dl>
            <section aria-labelledby="message-title"><div class="heading"><h2 id="message-title">The message</h2>\#(reveal(fields, session))</div>\#(remark)\#(fields.html(isRevealed: isRevealed))</section>
            """#
    }

    private var facts: [(name: String, value: HTML)] {
        let letter = stored.letter
        let message = letter.message
        return [
            ("Sender", HTML.sender(letter.sender, isRevealed: isRevealed)),
            ("Reason", #"<span class="tag">\#(letter.reason)</span>"#),
            ("Error", "\(letter.error.isEmpty ? "–" : letter.error)"), ("Deliveries", "\(letter.deliveries)"),
            ("Kind", "\(message?.kind.rawValue ?? "–")"),
            ("Received", message.map { "\(HTML.moment($0.receivedAt))" } ?? "–"),
            ("Given up", "\(HTML.moment(letter.at)), \(HTML.ago(letter.at, at: now))"),
            ("State", #"<span data-testid="state">\#(state)</span>"#),
            ("Correlation id", #"<span class="mono">\#(message?.correlationID.text ?? "–")</span>"#),
            ("Size", "\(HTML.several(letter.envelope.count, "byte"))"),
        ]
    }

    private var state: HTML {
        switch stored.status {
        case .open: stored.obstacle.map { "open, cannot be replayed: \($0)" } ?? "open"
        case .replayed: "replayed \(stored.replayedAt.map(HTML.moment))"
        case .discarded: "discarded \(stored.discardedAt.map(HTML.moment))"
        }
    }

    /// To what came before and after it in the person's conversation.
    private func conversation(_ session: Session) -> HTML {
        guard MessageSID(stored.letter.messageSID) != nil, !stored.isErased else { return "" }
        return #"""
            <form method="post" action="/conversations">\#(session.field)<input type="hidden" name="words" value="\#(stored.letter.messageSID)"><button data-testid="conversation">Conversation</button></form>
            """#
    }

    private func actions(_ session: Session) -> HTML {
        guard stored.status == .open else { return "" }
        let replay: HTML =
            stored.obstacle == nil
            ? #"<button class="primary" name="do" value="replay" data-testid="replay">Replay…</button>"# : ""
        return #"""
            <form class="actions" method="post" action="/dead/confirm">\#(session.field)<input type="hidden" name="id" value="\#(stored.id)">
            \#(replay)<button name="do" value="discard" data-testid="discard">Discard…</button></form>
            """#
    }

    private func reveal(_ fields: MessageFields, _ session: Session) -> HTML {
        guard fields.hidesSomething || ChannelAddress(stored.letter.sender) != nil else { return "" }
        if isRevealed {
            return
                #"<a class="button" href="/dead/\#(stored.id)" data-testid="hide">Hide</a><p class="soft">What a passenger wrote: personal, not to be copied or kept.</p>"#
        }
        return #"""
            <form method="post" action="/dead/\#(stored.id)/reveal">\#(session.field)<button data-testid="reveal">Reveal (is written down)</button></form>
            """#
    }
}
