import Common

/// The dead letters, newest first.
struct DeadPage: Sendable {
    let query: DeadQuery
    let letters: [StoredDeadLetter]
    /// How many there are in all, on this page and the others.
    let count: Int
    /// Whether older ones follow.
    let hasMore: Bool
    let reasons: [String]
    let now: Timestamp

    func html(_ session: Session) -> HTML {
        let list: HTML =
            letters.isEmpty
            ? #"<p class="none" data-testid="none">\#(query.fields.isEmpty ? "Nothing was given up on that nobody has dealt with." : "No dead letter is like that.")</p>"#
            : table(session)
        return #"""
            <div class="heading"><h1>Dead letters</h1><p class="soft" data-testid="count">\#(HTML.several(count, "letter"))</p></div>
            <p class="soft lead">Messages that failed eight times, or that nobody can read. Their conversations went on without them.</p>
            \#(filters)\#(list)
            """#
    }

    // MARK: Filter

    private var filters: HTML {
        let statuses: [HTML] = DeadQuery.Status.allCases.map {
            option($0.rawValue, $0.rawValue, isChosen: $0 == query.status)
        }
        let times: [HTML] = DeadQuery.Since.allCases.map {
            option($0.rawValue, $0.name, isChosen: $0 == query.since)
        }
        var known = reasons
        if let reason = query.reason, !known.contains(reason) { known.append(reason) }
        let choices: [HTML] = known.map { option($0, $0, isChosen: $0 == query.reason) }
        let clear: HTML = query.fields.isEmpty ? "" : #"<a class="button" href="/dead">Clear</a>"#
        return #"""
            <form class="filters" method="get" action="/dead" role="search" aria-label="Dead letters">
            <label>Status <select name="status" data-testid="status">\#(statuses)</select></label>
            <label>Reason <select name="reason" data-testid="reason"><option value="">any</option>\#(choices)</select></label>
            <label>Given up <select name="since" data-testid="since"><option value="">any time</option>\#(times)</select></label>
            <label class="wide">MessageSid <input name="sid" value="\#(query.sid ?? "")" autocomplete="off" spellcheck="false" data-testid="sid"></label>
            <button data-testid="filter">Show</button>\#(clear)</form>
            """#
    }

    private func option(_ value: String, _ name: String, isChosen: Bool) -> HTML {
        #"<option value="\#(value)"\#(" selected", if: isChosen)>\#(name)</option>"#
    }

    // MARK: Table

    private func table(_ session: Session) -> HTML {
        let rows: [[HTML]] = letters.map { stored in
            let letter = stored.letter
            let box: HTML =
                stored.status == .open
                ? #"<label class="pick"><input type="checkbox" name="id" value="\#(stored.id)" data-testid="pick-\#(letter.messageSID)"><span class="unseen">Select \#(letter.messageSID)</span></label>"#
                : ""
            return [
                box,
                #"<a class="letter" href="/dead/\#(stored.id)" data-testid="letter-\#(letter.messageSID)">\#(letter.messageSID)</a>"#,
                HTML.sender(letter.sender, withChannel: false),
                #"<span class="tag">\#(letter.reason)</span> <span class="soft">\#(letter.error.prefix(160))</span>"#,
                "\(letter.deliveries)", HTML.ago(letter.at, at: now), state(stored),
            ]
        }
        let table = Table(
            caption: "Dead letters, newest first",
            columns: [
                .text("Select"), .text("Message"), .text("Sender"), .text("Why"), .number("Deliveries"),
                .text("Given up"),
                .text("State"),
            ], rows: rows, head: 1
        ).html
        let hidden: [HTML] = query.fields.map { #"<input type="hidden" name="\#($0.name)" value="\#($0.value)">"# }
        let openHere = letters.count { $0.status == .open }
        let actions: HTML =
            openHere == 0
            ? ""
            : #"""
            <div class="actions"><label class="pick" data-script hidden><input type="checkbox" id="pick-all" data-testid="pick-all"> All on this page</label>
            <button name="do" value="replay" data-testid="replay-selected">Replay selected <span data-picked></span></button>
            <button name="do" value="discard" data-testid="discard-selected">Discard selected <span data-picked></span></button>
            <span class="gap"></span>
            <button name="do" value="replay-all" data-testid="replay-all">Replay all that match</button>
            <button name="do" value="discard-all" data-testid="discard-all">Discard all that match</button></div>
            """#
        let older: HTML =
            hasMore
            ? #"<a class="button" rel="next" href="\#(query.path(before: letters.last))" data-testid="older">Older</a>"#
            : ""
        let newest: HTML =
            query.before == nil ? "" : #"<a class="button" href="\#(query.path())" data-testid="newest">Newest</a>"#
        return #"""
            <form method="post" action="/dead/confirm" class="letters" data-pick>\#(session.field)\#(hidden)\#(actions)\#(table)</form>
            <nav class="pages" aria-label="Pages of dead letters">\#(newest)\#(older)</nav>
            """#
    }

    private func state(_ stored: StoredDeadLetter) -> HTML {
        switch stored.status {
        case .open:
            stored.obstacle.map { #"<span class="tag warning" title="cannot be replayed">\#($0)</span>"# } ?? "open"
        case .replayed: #"<span class="tag good">replayed</span>"#
        case .discarded: #"<span class="tag">discarded</span>"#
        }
    }
}

extension HTML {
    /// Who sent something, masked unless `isRevealed`; delivery reports have no person as their sender.
    static func sender(_ text: String, isRevealed: Bool = false, withChannel: Bool = true) -> HTML {
        let shown = text.isEmpty ? "–" : OutputOptions.shown(text, reveal: isRevealed)
        let isPlain = !withChannel && shown.hasPrefix("whatsapp:")
        return #"<span class="mono nowrap">\#(isPlain ? shown.dropFirst("whatsapp:".count) : shown[...])</span>"#
    }
}
