import Common

/// What a form wants done with which dead letters.
struct DeadAction: Sendable {
    enum Verb: String, Sendable {
        case replay, discard

        var past: String {
            switch self {
            case .replay: "replayed"
            case .discard: "discarded"
            }
        }
    }

    let verb: Verb
    /// Those that were chosen one by one; nil: all that `query` means.
    let ids: [Int64]?
    let query: DeadQuery

    /// Reads `do`, `id` and the query's fields; nil when it says nothing that can be done.
    init?(_ form: FormParameters) {
        let words = (form["do"] ?? "").split(separator: "-", maxSplits: 1)
        guard let first = words.first, let verb = Verb(rawValue: String(first)) else { return nil }
        self.verb = verb
        query = DeadQuery(form)
        let chosen = form.all("id").compactMap { Int64($0) }
        ids = words.count == 2 && words[1] == "all" ? nil : chosen
    }

    /// The open letters that are meant.
    var filter: DeadLetterFilter {
        guard let ids else {
            var filter = query.filter
            (filter.withClosed, filter.status) = (false, nil)
            return filter
        }
        return DeadLetterFilter(ids: ids)
    }

    /// The fields that say the same again, when it is confirmed.
    var fields: [(name: String, value: String)] {
        [("do", ids == nil ? verb.rawValue + "-all" : verb.rawValue)] + query.fields
            + (ids ?? []).map { ("id", "\($0)") }
    }

    /// Where it was asked for: the list, or the letter itself.
    var back: String {
        if let ids, ids.count == 1, query.fields.isEmpty { return "/dead/\(ids[0])" }
        return query.path()
    }

    /// Asks once more, and says how many it is about.
    func confirmation(open: Int, replayable: Int, lastID: Int64) -> ConfirmationPage {
        let count = verb == .replay ? replayable : open
        var consequences: [String] = []
        switch verb {
        case .replay:
            consequences.append(
                "They go back on the queue and are handled as if they had just arrived, after what their senders have sent since. What has been processed is not processed again."
            )
            if open > replayable {
                consequences.append(
                    "\(HTML.several(open - replayable, "letter")) cannot be replayed, only discarded, and \(open - replayable == 1 ? "is" : "are") left."
                )
            }
        case .discard:
            consequences.append(
                "Nobody will answer these messages. They stay in the table as discarded; this cannot be taken back.")
        }
        if let ids, ids.count > open {
            consequences.append("\(HTML.several(ids.count - open, "letter")) of those chosen was dealt with before.")
        }
        if ids == nil, !query.words.isEmpty { consequences.append("Those \(query.words).") }
        guard count > 0 else {
            return ConfirmationPage(
                question: ids?.isEmpty == true ? "No letter is selected." : "There is nothing to \(verb.rawValue).",
                consequences: ids?.isEmpty == true ? ["Go back and select some."] : Array(consequences.dropFirst()),
                verb: "", back: back)
        }
        let capital = verb == .replay ? "Replay" : "Discard"
        return ConfirmationPage(
            question: "\(capital) \(HTML.several(count, "dead letter"))?", consequences: consequences,
            verb: "\(capital) \(HTML.count(count))", isDestructive: verb == .discard,
            action: "/dead/\(verb.rawValue)", fields: fields + [("last", "\(lastID)")], back: back)
    }
}
