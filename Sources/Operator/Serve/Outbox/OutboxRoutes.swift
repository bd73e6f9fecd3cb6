import Common
import NIOHTTP1

/// The outbox: looking at it, and deciding about what sinks refused.
struct OutboxRoutes: Sendable {
    let console: Console

    func add(to router: inout Router) {
        router.onPage("/outbox", console) { visit in
            let postgres = console.servers.postgres
            let outbox = try await OutboxOverview(of: nil, on: postgres)
            var parked: [(sink: String, events: [ParkedEvent])] = []
            for sink in outbox.sinks where sink.waiting + sink.dead + sink.replays > 0 {
                let filter = ParkedFilter(sink: sink.name)
                parked.append((sink.name, try await ParkedEvent.first(OutboxPage.shown, of: filter, on: postgres)))
            }
            return visit.page(
                "Outbox", .outbox, OutboxPage(outbox: outbox, parked: parked).html(visit.session))
        }
        router.onForm("/outbox/confirm", console) { visit in
            guard let action = OutboxAction(visit.form) else { return nothing(visit) }
            try await console.servers.postgres.require(sink: action.filter.sink)
            let count = try await ParkedCount(action.filter, on: console.servers.postgres)
            let page = action.confirmation(count)
            return visit.page(page.question, .outbox, page.html(visit.session))
        }
        for verb in [OutboxAction.Verb.retry, .discard] {
            router.onForm("/outbox/\(verb.rawValue)", console) { visit in
                guard let action = OutboxAction(visit.form), action.verb == verb else { return nothing(visit) }
                return try await act(action, visit)
            }
        }
    }

    private func act(_ action: OutboxAction, _ visit: Visit) async throws -> HTTPServerResponse {
        let postgres = console.servers.postgres
        try await postgres.require(sink: action.filter.sink)
        // Before it is done: the answer may be lost.
        visit.note("deciding about refused events", ["sink": action.filter.sink, "what": action.verb.rawValue])
        let count: Int
        switch action.verb {
        case .retry: count = try await action.filter.retry(on: postgres, within: Console.actionLimit)
        case .discard: count = try await action.filter.discard(on: postgres, within: Console.actionLimit)
        }
        let now = count == 0 ? try await ParkedCount(action.base, on: postgres) : nil
        if let now, now.parked + now.dead > 0 {
            // More were refused since it was asked: asked again.
            let page = action.confirmation(now)
            return visit.page(page.question, .outbox, page.html(visit.session))
        }
        let what = action.verb == .retry ? "retried" : "discarded"
        visit.note("\(what) refused events", ["count": "\(count)", "sink": action.filter.sink])
        let text =
            action.verb == .retry
            ? "\(HTML.several(count, "event")) of \(action.filter.sink) will be tried again now."
            : "Discarded \(HTML.several(count, "event")) of \(action.filter.sink)."
        return visit.done(Notice(kind: .done, text: text), at: "/outbox")
    }

    private func nothing(_ visit: Visit) -> HTTPServerResponse {
        let page = ConfirmationPage(
            question: "No event is selected.", consequences: ["Go back and select some."], verb: "", back: "/outbox")
        return visit.page("Outbox", .outbox, page.html(visit.session))
    }
}
