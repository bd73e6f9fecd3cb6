import ArgumentParser
import Common

struct OutboxVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares the log with the Redis stream: every published event once, in order for each key.",
        discussion: """
            Every event up to the sink's cursors has to be in the stream once, and those of one key in the log's order. \
            Told as differences are events that are LOST (in the log, not in the stream), there TWICE, OUT OF ORDER, or \
            UNKNOWN (in the stream, not in the log); a difference ends the command with exit status 1.

            No differences are: events of erased people that told who they were, whose entries were taken out; events whose entries were trimmed from the stream's beginning (not more than Redis has \
            counted as removed); parked ones; those marked as replay; what was published again after a rewind or an \
            accepted restore; entries older than the log, or than --since. What the relays publish meanwhile is left out.

            Reads the whole log and the whole stream, and changes nothing: 25 bytes of memory an event, \
            \(LogAndStream.limit / 1_000_000) million events at most.

            EXAMPLES
              operator outbox verify
              operator outbox verify --since 1d --json
            """)

    @Option(name: .long, help: ArgumentHelp("Only events appended since then: \(Moment.help).", valueName: "time"))
    var since: Moment?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        let comparison = try await ConnectedOutbox.with { outbox in
            try await outbox.postgres.require(sink: LogAndStream.sink)
            return try await LogAndStream(outbox: outbox, since: since?.timestamp).compare()
        }
        if json { Output.write(report(comparison)) } else { Output.write(text(comparison)) }
        if comparison.differences.count > 0 { throw ExitCode.failure }
    }

    private func report(_ comparison: StreamComparison) -> JSONValue {
        [
            "events": .integer(comparison.events), "entries": .integer(comparison.entries),
            "present": .integer(comparison.present), "parked": .integer(comparison.parked),
            "erased": .integer(comparison.erased), "trimmed": .integer(comparison.trimmed),
            "replays": .integer(comparison.replays),
            "of_earlier_logs": .integer(comparison.ofEarlierLogs),
            "differences": .object(
                comparison.differences.all.map { name, finding in
                    .init(
                        name,
                        ["count": .integer(finding.count), "first": .array(finding.sample.map { .string($0) })])
                }),
        ]
    }

    private func text(_ comparison: StreamComparison) -> String {
        var rows = [
            ["published events of the log", "\(comparison.events)"], ["in the stream", "\(comparison.present)"],
            ["parked", "\(comparison.parked)"], ["trimmed from the stream", "\(comparison.trimmed)"],
            ["replays in the stream", "\(comparison.replays)"],
        ]
        if comparison.erased > 0 { rows.append(["of erased people", "\(comparison.erased)"]) }
        if comparison.ofEarlierLogs > 0 { rows.append(["of an earlier log", "\(comparison.ofEarlierLogs)"]) }
        let words = ["lost": "lost", "twice": "twice", "out_of_order": "out of order", "unknown": "unknown"]
        rows += comparison.differences.all.map { [words[$0.name] ?? $0.name, "\($0.finding.count)"] }
        var lines = [Output.columns(rows)]
        for (name, finding) in comparison.differences.all where finding.count > 0 {
            lines.append("\(words[name] ?? name):")
            lines += finding.sample.map { "  " + Output.printable($0) }
            if finding.count > finding.sample.count {
                lines.append("  … and \(finding.count - finding.sample.count) more")
            }
        }
        lines.append(
            comparison.differences.count == 0
                ? "log and stream agree" : "\(comparison.differences.count) differences between log and stream")
        return lines.joined(separator: "\n")
    }
}
