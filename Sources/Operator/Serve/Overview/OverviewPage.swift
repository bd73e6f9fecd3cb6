import Common

/// How it is now: the page that one keeps open.
struct OverviewPage: Sendable {
    let snapshot: OverviewSnapshot
    let throughput: Throughput

    /// The parts that are kept up to date, by the ids they have on the page.
    var parts: [(id: String, html: HTML)] {
        [
            ("attention", attention), ("figures", figures), ("queue", queue), ("workers", workers), ("sinks", sinks),
            ("control", control),
        ]
    }

    /// The page as it is first sent; it is complete without being kept up to date.
    func html() -> HTML {
        let part = Dictionary(uniqueKeysWithValues: parts.map { ($0.id, $0.html) })
        return #"""
            <h1 class="unseen">Overview</h1>
            <p class="unseen" role="status" id="announcement"></p>
            <div data-live="/live.json">
            <section id="attention" aria-label="What needs attention">\#(part["attention"])</section>
            <section id="figures" aria-label="Figures">\#(part["figures"])</section>
            <div class="columns">
            <section aria-labelledby="queue-title"><div class="heading"><h2 id="queue-title">Queue</h2><span id="control">\#(part["control"])</span></div><div id="queue">\#(part["queue"])</div></section>
            <div class="stack">
            <section aria-labelledby="workers-title"><div class="heading"><h2 id="workers-title">Workers</h2></div><div id="workers">\#(part["workers"])</div></section>
            <section aria-labelledby="sinks-title"><div class="heading"><h2 id="sinks-title">Outbox</h2><a class="button" href="/outbox" data-testid="details">Details</a></div><div id="sinks">\#(part["sinks"])</div></section>
            </div></div>
            </div>
            """#
    }

    /// What a screen reader is told when it changes.
    var announcement: String {
        let attention = Attention.all(snapshot)
        return attention.isEmpty ? "All is well." : attention.map(\.text).joined(separator: " ")
    }

    /// For the page's script.
    var json: JSONValue {
        [
            "at": .string(snapshot.at.rfc3339), "announcement": .string(announcement),
            "parts": .object(parts.map { .init($0.id, .string($0.html.text)) }),
        ]
    }

    /// What stops the queue, or lets it go on.
    private var control: HTML {
        guard let queue = snapshot.queue.value else { return "" }
        let isPaused = queue.paused.count == queue.shards.count
        return isPaused
            ? #"<a class="button" href="/queue/resume" data-testid="resume">Resume</a>"#
            : #"<a class="button" href="/queue/pause" data-testid="pause">Pause</a>"#
    }

    private var attention: HTML {
        let all = Attention.all(snapshot)
        guard !all.isEmpty else { return #"<p class="well" data-testid="well">All is well.</p>"# }
        return #"<ul class="attention" data-testid="attention">\#(all.map(\.html))</ul>"#
    }

    // MARK: Figures

    private var figures: HTML {
        let queue = snapshot.queue.value
        let workers = snapshot.workers.value
        let outbox = snapshot.outbox.value
        let lag = outbox.map { outbox in outbox.sinks.map { outbox.lag($0.oldest) }.max() ?? .zero }
        let pending = outbox?.sinks.reduce(0) { $0 + $1.pending }
        return #"""
            <dl class="figures">
            \#(figure("waiting", "Waiting", queue.map { HTML.count($0.sum(\.waiting)) }, queue.map(Self.oldest)))
            \#(figure("in-work", "In work", workers.map { HTML.count($0.inHand) }, workers.map { "of \(HTML.count($0.places)) places" }))
            \#(figure("processed", "Processed", throughput.processedRate.map(Throughput.words), queue.map { "\(HTML.count($0.sum(\.doneTotal))) in all" }, spark(throughput.processed, "Processed")))
            \#(figure("given-up", "Given up", throughput.givenUpRate.map(Throughput.words), queue.map { "\(HTML.count($0.sum(\.deadTotal))) in all" }, spark(throughput.givenUp, "Given up")))
            \#(figure("dead", "Dead letters", snapshot.openLetters.value.map(HTML.count), snapshot.openLetters.value.map { $0 == 0 ? "none open" : "open" }, isBad: (snapshot.openLetters.value ?? 0) > 0))
            \#(figure("alive", "Workers", workers.map { HTML.count($0.alive.count) }, workers.map { $0.silent.isEmpty ? "alive" : "alive, \($0.silent.count) silent" }, isBad: workers.map(\.alive.isEmpty) ?? false))
            \#(figure("lag", "Outbox lag", lag.map(HTML.coarse), pending.map { "\(HTML.count($0)) pending" }, isBad: (lag ?? .zero) > Attention.limit))
            </dl>
            """#
    }

    private static func oldest(_ queue: QueueOverview) -> String {
        if let oldest = queue.oldest { return "oldest \(HTML.coarse(queue.at - oldest))" }
        return queue.sum(\.waiting) == 0 ? "none waits" : "age not known"
    }

    /// A figure with its name above and a remark below; a dash for what is not known.
    private func figure(
        _ id: String, _ name: String, _ value: String?, _ remark: String?, _ picture: HTML = "", isBad: Bool = false
    ) -> HTML {
        #"<div\#(#" class="bad""#, if: isBad)><dt>\#(name)</dt><dd><strong data-testid="figure-\#(id)">\#(value ?? "–")</strong><span>\#(remark ?? "not known")</span>\#(picture)</dd></div>"#
    }

    private func spark(_ values: [Double], _ name: String) -> HTML {
        let peak = Throughput.words(values.max() ?? 0)
        return Sparkline(
            values: values, label: "\(name) in the last \(HTML.coarse(throughput.span)), at most \(peak)",
            // Three minutes at least, so that a young record is no spike at the edge.
            length: min(ThroughputRecord.length, max(36, values.count))
        ).html
    }

    // MARK: Tables

    private var queue: HTML {
        guard let queue = snapshot.queue.value else { return Self.away(snapshot.queue.problem) }
        let lists: [(name: String, meaning: String, field: (QueueStatistics) -> Int)] = [
            ("In", "accepted, not handed out yet", \.ingress), ("Stage", "handed to a worker that waited", \.staged),
            ("Held", "in their senders’ lists", \.held), ("Ready", "senders whose turn comes", \.ready),
            ("Leased", "senders in work", \.leased), ("Delayed", "senders that pause after a failure", \.delayed),
            ("Dead", "given up on, as Redis has them", \.dead),
        ]
        let depth = Table(
            caption: "Depth of each list",
            columns: [.text("List"), .number("Depth"), .text("What is in it")],
            rows: lists.map { list in
                [
                    "\(list.name)",
                    #"<span data-testid="depth-\#(list.name.lowercased())">\#(HTML.count(queue.sum(list.field)))</span>"#,
                    #"<span class="soft">\#(list.meaning)</span>"#,
                ]
            }, isCompact: true
        ).html
        return depth + shards(queue)
    }

    /// The shards that hold anything, when there are several.
    private func shards(_ queue: QueueOverview) -> HTML {
        guard queue.shards.count > 1 else { return "" }
        let busy = queue.shards.filter {
            $0.statistics.waiting + $0.statistics.leased + $0.statistics.delayed + $0.statistics.dead > 0
                || $0.statistics.isPaused
        }
        let table = Table(
            caption: "Shards", columns: [.number("Shard"), .number("Waiting"), .number("In work"), .text("Oldest")],
            rows: busy.map { shard in
                let oldest: HTML = shard.statistics.oldest.map { HTML.ago($0, at: queue.at) } ?? "–"
                let paused: HTML = shard.statistics.isPaused ? #" <span class="tag warning">paused</span>"# : ""
                return [
                    "\(shard.number)\(paused)", "\(HTML.count(shard.statistics.waiting))",
                    "\(HTML.count(shard.statistics.leased))", oldest,
                ]
            }, empty: "Nothing waits in any of the \(queue.shards.count) shards."
        ).html
        return
            "<details><summary>\(HTML.several(busy.count, "shard")) of \(queue.shards.count) with something in it</summary>\(table)</details>"
    }

    private var workers: HTML {
        guard let workers = snapshot.workers.value else { return Self.away(snapshot.workers.problem) }
        let alive: [[HTML]] = workers.alive.map { sign, seen in
            let full = sign.places > 0 ? Double(sign.inHand) / Double(sign.places) : 0
            return [
                #"<span title="\#(sign.id.description)">\#(WorkersOverview.short(sign.id))</span>"#,
                #"<span class="soft">\#(sign.host) · \#(sign.pid) · \#(sign.version)</span>"#,
                "\(HTML.coarse(snapshot.at - sign.startedAt))",
                #"<meter min="0" max="1" value="\#(Self.hundredths(full))" aria-hidden="true"></meter> \#(sign.inHand) of \#(sign.places)"#,
                Self.breaker(sign.breaker), #"<span class="nowrap">\#(HTML.coarse(seen)) ago</span>"#,
            ]
        }
        let silent: [[HTML]] = workers.silent.map { id, since in
            [
                #"<span title="\#(id.description)">\#(WorkersOverview.short(id))</span>"#, "–", "–", "–",
                #"<span class="tag bad">silent</span>"#, HTML.ago(since, at: snapshot.at),
            ]
        }
        return Table(
            caption: "Workers that live, and those that fell silent within the hour",
            columns: [
                .text("Worker"), .text("Machine · process · version"), .text("Up"), .text("In work"), .text("Twilio"),
                .text("Seen"),
            ], rows: alive + silent, empty: "No worker gives a sign of life."
        ).html
    }

    private static func breaker(_ breaker: WorkerSign.Breaker) -> HTML {
        switch breaker {
        case .closed: #"<span class="tag good">reached</span>"#
        case .halfOpen: #"<span class="tag warning">being tried</span>"#
        case .open: #"<span class="tag bad">away</span>"#
        }
    }

    private var sinks: HTML {
        guard let outbox = snapshot.outbox.value else { return Self.away(snapshot.outbox.problem) }
        return SinkTable(outbox: outbox).html
    }

    private static func away(_ problem: String?) -> HTML { #"<p class="none">\#(problem ?? "Not known.")</p>"# }

    private static func hundredths(_ share: Double) -> String {
        let number = Int((min(1, max(0, share)) * 100).rounded())
        return "\(number / 100).\(number % 100 < 10 ? "0" : "")\(number % 100)"
    }
}
