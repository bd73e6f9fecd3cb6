import Common

/// The sinks of the log, and how far each is.
struct SinkTable: Sendable {
    let outbox: OutboxOverview

    var html: HTML {
        Table(
            caption: "How far each sink is behind the log",
            columns: [
                .text("Sink"), .text("Lag"), .number("Pending"), .number("Parked"), .number("Dead"), .number("Relays"),
                .text("State"),
            ],
            rows: outbox.sinks.map { sink in
                let capped = sink.isCapped ? " or more" : ""
                return [
                    "\(sink.name)", "\(sink.pending == 0 ? "–" : HTML.coarse(outbox.lag(sink.oldest)))",
                    #"<span data-testid="pending-\#(sink.name)">\#(HTML.count(sink.pending))\#(capped)</span>"#,
                    #"<span data-testid="parked-\#(sink.name)">\#(HTML.count(sink.waiting))</span>"#,
                    #"<span data-testid="dead-\#(sink.name)">\#(HTML.count(sink.dead))</span>"#,
                    "\(sink.relays.count)", state(sink),
                ]
            }, empty: "No sink yet: one is known once a relay has started with it in RELAY_SINKS."
        ).html
    }

    private func state(_ sink: OutboxOverview.Sink) -> HTML {
        if let disabled = sink.disabled {
            return
                #"<span class="tag bad">switched off</span> <span class="soft">\#(HTML.ago(disabled.since, at: outbox.at)): \#(disabled.reason)</span>"#
        }
        if sink.relays.isEmpty { return #"<span class="tag bad">no relay</span>"# }
        if !sink.unowned.isEmpty {
            return #"<span class="tag warning">\#(HTML.several(sink.unowned.count, "shard")) without a relay</span>"#
        }
        return #"<span class="tag good">served</span>"#
    }
}
