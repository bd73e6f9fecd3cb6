import ArgumentParser
import Common

struct QueueRepair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Finds senders that nobody would ever claim, or that stand twice, and puts them right.",
        discussion: """
            The queue's own functions never leave such senders; who writes to its keys by hand can, or a Redis that was \
            restored from parts. Messages are neither dropped nor reordered. Safe while workers run, and safe to repeat.

            FOUND
              empty     no messages, but a place, a lease, a pause or an owner
              unplaced  messages, but nobody would have claimed them
              owner     an owner that cannot be read
              unleased  an owner without a lease, which would never have run out
              unowned   a lease without an owner
              surplus   in the ring twice, or also leased or paused

            EXAMPLES
              operator queue repair --dry-run
              operator queue repair --json
            """)

    @Option(name: .long, help: ArgumentHelp("Only this shard (default: all).", valueName: "number"))
    var shard: Int?

    @Flag(name: .long, help: "Only say what is wrong.")
    var dryRun = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        try await ConnectedQueue.with { connected in
            let shards = try connected.shards(shard)
            var repairs = QueueRepairs()
            var looked = 0
            var bar = ProgressBar("looking", total: 0)
            defer { bar.end() }
            for shard in shards {
                let before = looked
                repairs += try await connected.queue.repair(shard: shard, dryRun: dryRun) { count in
                    looked = before + count
                    bar.show(looked)
                }
            }
            bar.end()
            write(repairs, looked)
        }
    }

    private func write(_ repairs: QueueRepairs, _ looked: Int) {
        let kinds = [
            ("empty", repairs.empty), ("unplaced", repairs.unplaced), ("owner", repairs.owner),
            ("unleased", repairs.unleased), ("unowned", repairs.unowned), ("surplus", repairs.surplus),
        ]
        if json {
            return Output.write(
                .object(
                    kinds.map { .init($0.0, .integer($0.1)) } + [
                        .init("total", .integer(repairs.total)), .init("looked_at", .integer(looked)),
                        .init("dry_run", .bool(dryRun)),
                    ]))
        }
        guard repairs.total > 0 else { return Output.write("nothing is wrong with the queue") }
        Output.write(Output.table(["FOUND", "SENDERS"], kinds.filter { $0.1 > 0 }.map { [$0.0, "\($0.1)"] }))
        Output.write(dryRun ? "nothing was changed: run it without --dry-run" : "all of it was put right")
    }
}
