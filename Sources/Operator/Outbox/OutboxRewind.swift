import ArgumentParser
import Common

struct OutboxRewind: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewind",
        abstract: "Sets a sink back: the relay publishes everything after that point once more.",
        discussion: """
            For a sink that lost what it had been given, or a consumer that has to read everything again. Each shard's \
            cursor goes back to the last event before --to, or of --sequence; never forward. Relays go on from there at \
            once; what one of them has in its hands at that moment no longer counts (the shard's epoch grows).

            Every event between the new cursor and the old one is published again under the same id, in order for each \
            key, before anything newer of its shard: a consumer that keeps the ids it has seen drops them, one that does \
            not handles them twice. To publish a few events again beside the new ones use operator outbox replay, which \
            marks them. Events whose partition was dropped do not come back; parked and dead ones in that range are \
            forgotten, because they are tried again anyway.

            The Redis stream keeps, beside it, how far it got: that is set back as well, or nothing would be added. \
            Entries that are in the stream stay there; XTRIM or DEL removes them.

            EXAMPLES
              operator outbox rewind --sink redis --to 2h --dry-run
              operator outbox rewind --sink webhook --to 2026-11-22T08:00:00Z --yes
              operator outbox rewind --sink redis --sequence 0 --shard 17 --yes
            """)

    @Option(name: .long, help: ArgumentHelp("Which sink.", valueName: "name"), completion: .sinks)
    var sink: String

    @Option(name: .long, help: ArgumentHelp("Back to then: \(Moment.help).", valueName: "time"))
    var to: Moment?

    @Option(
        name: .long, help: ArgumentHelp("Back to after this event; 0 is the oldest there is.", valueName: "number"))
    var sequence: Int?

    @Option(name: .long, help: ArgumentHelp("One shard only (default: all).", valueName: "number"))
    var shard: Int?

    @OptionGroup var confirmation: Confirmation

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (to == nil) != (sequence == nil) else {
            throw ValidationError("Say how far back, either with --to or with --sequence.")
        }
        if let sequence, sequence < 0 {
            throw ValidationError("--sequence takes a number from 0, not \(sequence).")
        }
        if let shard, !(0..<OutboxShard.count).contains(shard) {
            throw ValidationError("--shard takes a number from 0 to \(OutboxShard.count - 1), not \(shard).")
        }
    }

    func run() async throws {
        try await ConnectedOutbox.with { outbox in
            try await outbox.postgres.require(sink: sink)
            let rewind = SinkRewind(
                sink: sink, before: to?.timestamp, sequence: sequence.map { Int64($0) }, shard: shard)
            let plan =
                confirmation.dryRun
                ? try await rewind.plan(on: outbox.postgres) : try await rewind.carryOut(outbox)
            write(plan)
        }
    }

    private func write(_ plan: [SinkRewind.Step]) {
        let events = plan.reduce(0) { $0 + $1.events }
        if json {
            return Output.write([
                "sink": .string(sink), "shards": .integer(plan.count), "events": .integer(events),
                "dry_run": .bool(confirmation.dryRun),
                "cursors": .array(
                    plan.map { step in
                        [
                            "shard": .integer(step.shard), "from": .integer(Int(step.cursor)),
                            "to": .integer(Int(step.target)), "events": .integer(step.events),
                        ]
                    }),
            ])
        }
        guard !plan.isEmpty else { return Output.write("\(sink) is not past that point: nothing to set back") }
        Output.write(
            "\(confirmation.dryRun ? "would set" : "set") \(plan.count) shards of \(sink) back: \(events) events \(confirmation.dryRun ? "would be" : "are") published again"
        )
    }
}
