import Common

/// Something that somebody should look at, and where.
struct Attention: Sendable {
    enum Weight: String, Sendable { case bad, warning }

    let weight: Weight
    let text: String
    /// A page of ours.
    var link: (path: StaticString, name: String)?

    /// From when on the oldest message, or a sink, is too far behind; the alert rules have the same.
    static let limit = Duration.seconds(60)

    /// What there is to look at, the worst first; nothing when all is well.
    static func all(_ snapshot: OverviewSnapshot) -> [Attention] {
        let found = queue(snapshot) + workers(snapshot) + letters(snapshot) + outbox(snapshot)
        return found.filter { $0.weight == .bad } + found.filter { $0.weight == .warning }
    }

    private static func queue(_ snapshot: OverviewSnapshot) -> [Attention] {
        if let problem = snapshot.queue.problem { return [Attention(weight: .bad, text: problem)] }
        guard let queue = snapshot.queue.value else { return [] }
        var found: [Attention] = []
        if !queue.paused.isEmpty {
            let which =
                queue.paused.count == queue.shards.count
                ? "The queue is paused" : "\(queue.paused.count) of \(queue.shards.count) shards are paused"
            found.append(
                Attention(
                    weight: .warning, text: "\(which): messages are accepted, and none is begun.",
                    link: ("/queue/resume", "Resume")))
        }
        if let oldest = queue.oldest, queue.at - oldest > limit {
            found.append(
                Attention(weight: .bad, text: "The oldest message has waited for \(Output.age(queue.at - oldest))."))
        }
        return found
    }

    private static func workers(_ snapshot: OverviewSnapshot) -> [Attention] {
        guard let workers = snapshot.workers.value else { return [] }
        var found: [Attention] = []
        if workers.alive.isEmpty {
            found.append(Attention(weight: .bad, text: "No worker gives a sign of life: nothing is processed."))
        }
        if workers.withoutTwilio > 0 {
            found.append(
                Attention(
                    weight: .bad,
                    text:
                        "\(workers.withoutTwilio) of \(HTML.several(workers.alive.count, "worker")) cannot reach Twilio: replies wait."
                ))
        }
        if !workers.silent.isEmpty {
            found.append(
                Attention(
                    weight: .warning,
                    text:
                        "\(HTML.several(workers.silent.count, "worker")) fell silent within the last hour without a good-bye."
                ))
        }
        return found
    }

    private static func letters(_ snapshot: OverviewSnapshot) -> [Attention] {
        guard let count = snapshot.openLetters.value, count > 0 else { return [] }
        return [
            Attention(
                weight: .warning, text: "\(HTML.several(count, "message was", "messages were")) given up on.",
                link: ("/dead", "Dead letters"))
        ]
    }

    private static func outbox(_ snapshot: OverviewSnapshot) -> [Attention] {
        if let problem = snapshot.outbox.problem { return [Attention(weight: .bad, text: problem)] }
        guard let outbox = snapshot.outbox.value else { return [] }
        let link: (path: StaticString, name: String) = ("/outbox", "Outbox")
        return outbox.sinks.flatMap { sink in
            var found: [Attention] = []
            let lag = outbox.lag(sink.oldest)
            if sink.disabled != nil {
                found.append(Attention(weight: .bad, text: "The sink \(sink.name) is switched off.", link: link))
            } else if sink.pending > 0, lag > limit {
                found.append(
                    Attention(
                        weight: .bad, text: "The sink \(sink.name) is \(Output.age(lag)) behind the log.", link: link))
            }
            if sink.waiting + sink.dead > 0 {
                found.append(
                    Attention(
                        weight: .warning,
                        text:
                            "The sink \(sink.name) has refused \(HTML.several(sink.waiting + sink.dead, "event")): \(sink.waiting) parked, \(sink.dead) dead.",
                        link: link))
            }
            return found
        }
    }

    var html: HTML {
        let link = link.map { link in
            #" <a href="\#(link.path.description)">\#(link.name)</a>"# as HTML
        }
        return #"<li class="\#(weight.rawValue)">\#(text)\#(link)</li>"#
    }
}
