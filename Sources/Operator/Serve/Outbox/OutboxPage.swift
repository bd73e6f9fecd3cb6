import Common

/// How far the sinks are, and what they refused.
struct OutboxPage: Sendable {
    let outbox: OutboxOverview
    /// The first refused events of each sink that has any.
    let parked: [(sink: String, events: [ParkedEvent])]
    /// How many of a sink are listed.
    static let shown = 50

    func html(_ session: Session) -> HTML {
        let lists: [HTML] = parked.map { sink, events in list(sink, events, session) }
        let none: HTML =
            parked.isEmpty ? #"<p class="well" data-testid="none-parked">No sink has refused anything.</p>"# : ""
        return #"""
            <h1>Outbox</h1><p class="soft lead">Events for other services leave in the order of the log, for each sink on its own. Phone numbers are in their payloads, which are not shown here.</p>
            \#(SinkTable(outbox: outbox).html)
            <h2>Refused</h2>\#(none)\#(lists)
            """#
    }

    private func list(_ sink: String, _ events: [ParkedEvent], _ session: Session) -> HTML {
        let total = outbox.sinks.first { $0.name == sink }
        let count = total.map { $0.waiting + $0.dead + $0.replays } ?? events.count
        let rows: [[HTML]] = events.map { event in
            let box: HTML? = event.id.map { id in
                #"<label class="pick"><input type="checkbox" name="id" value="\#(id.description)" data-testid="pick-\#(event.sequence)"><span class="unseen">Select event \#(event.sequence)</span></label>"#
            }
            return [
                "\(box)", "\(event.sequence)", "\(event.type)", #"<span class="mono">\#(event.key)</span>"#,
                state(event),
                "\(event.attempts)", answer(event), HTML.ago(event.since, at: outbox.at),
            ]
        }
        let table = Table(
            caption: "What \(sink) has refused, and what waits behind it",
            columns: [
                .text("Select"), .number("Sequence"), .text("Type"), .text("User"), .text("State"), .number("Tries"),
                .text("Last answer"), .text("Since"),
            ], rows: rows, head: 1
        ).html
        let more: HTML =
            count > events.count ? #"<p class="soft">The first \#(events.count) of \#(HTML.count(count)).</p>"# : ""
        return #"""
            <form method="post" action="/outbox/confirm" class="letters" data-pick>\#(session.field)<input type="hidden" name="sink" value="\#(sink)">
            <h3>\#(sink)</h3>
            <div class="actions"><button name="do" value="retry" data-testid="retry-\#(sink)">Retry selected <span data-picked></span></button>
            <button name="do" value="discard" data-testid="discard-\#(sink)">Discard selected <span data-picked></span></button><span class="gap"></span>
            <button name="do" value="retry-all" data-testid="retry-all-\#(sink)">Retry all</button>
            <button name="do" value="retry-dead" data-testid="retry-dead-\#(sink)">Retry dead</button>
            <button name="do" value="discard-dead" data-testid="discard-dead-\#(sink)">Discard dead</button></div>
            \#(table)\#(more)</form>
            """#
    }

    private func state(_ event: ParkedEvent) -> HTML {
        switch event.state {
        case "dead": #"<span class="tag bad">dead</span>"#
        case "blocked": #"<span class="tag">blocked</span>"#
        case _:
            #"<span class="tag warning">parked</span> <span class="soft">\#(event.nextAttempt > outbox.at ? "again in \(HTML.coarse(event.nextAttempt - outbox.at))" : "due")</span>"#
        }
    }

    private func answer(_ event: ParkedEvent) -> HTML {
        let status: HTML? = event.lastStatus.map { "\($0) " }
        return
            #"\#(status)<span class="soft">\#((event.lastError ?? (event.lastStatus == nil ? "–" : "")).prefix(200))</span>"#
    }
}
