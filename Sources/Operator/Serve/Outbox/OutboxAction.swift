import Common

/// What a form wants done with which refused events of a sink.
struct OutboxAction: Sendable {
    enum Verb: String, Sendable { case retry, discard }

    let verb: Verb
    /// Which it means, and no more than were told of when it was asked.
    let filter: ParkedFilter
    private let words: String

    /// Reads `sink`, `do` and `id`; nil when it says nothing that can be done.
    init?(_ form: FormParameters) {
        guard let sink = form["sink"], let words = form["do"] else { return nil }
        let parts = words.split(separator: "-", maxSplits: 1).map(String.init)
        guard let verb = parts.first.flatMap(Verb.init) else { return nil }
        self.verb = verb
        self.words = words
        switch parts.count == 2 ? parts[1] : "" {
        case "":
            let ids = form.all("id").compactMap { UUID($0) }
            // Without any the condition would mean all of them.
            guard !ids.isEmpty else { return nil }
            filter = ParkedFilter(sink: sink, ids: ids)
        case "all": filter = ParkedFilter(sink: sink, most: form["most"].flatMap { Int($0) })
        case "dead": filter = ParkedFilter(sink: sink, state: .dead, most: form["most"].flatMap { Int($0) })
        case _: return nil
        }
    }

    /// The same without the limit.
    var base: ParkedFilter {
        var filter = filter
        filter.most = nil
        return filter
    }

    func confirmation(_ count: ParkedCount) -> ConfirmationPage {
        let all = count.parked + count.dead
        guard all > 0 else {
            return ConfirmationPage(
                question: "There is nothing to \(verb.rawValue).", consequences: [], verb: "", back: "/outbox")
        }
        let capital = verb == .retry ? "Retry" : "Discard"
        let consequence =
            verb == .retry
            ? "Parked ones are tried at once instead of at their next time, dead ones begin anew with all their tries. Mend the cause first."
            : "The sink will never get them; what waits behind them for the same user goes on. They stay in the log for as long as their day is kept."
        return ConfirmationPage(
            question: "\(capital) \(HTML.several(all, "event")) of \(filter.sink)?",
            consequences: [
                "\(count.parked) parked, \(count.dead) dead, of \(HTML.several(count.keys, "user")).", consequence,
            ],
            verb: "\(capital) \(HTML.count(all))", isDestructive: verb == .discard, action: "/outbox/\(verb.rawValue)",
            fields: [("sink", filter.sink), ("do", words), ("most", "\(all)")]
                + filter.ids.map { ("id", $0.description) }, back: "/outbox")
    }
}
