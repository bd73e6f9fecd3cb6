import ArgumentParser
import Common

struct QueueStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Says how much waits where, how old the oldest is, and what the queue has done.",
        discussion: """
            WAITING is IN (accepted), STAGE (handed to a worker that waited) and HELD (in their senders' lists) \
            together; READY, LEASED and DELAYED count senders. The oldest message is found among the first of every \
            list. Totals count since Redis was last empty. A worker counts as alive for \(WorkerRegistry.silence.components.seconds) s after its \
            last sign; one that ended without a good-bye is named for an hour.

            EXAMPLES
              operator queue stats
              operator queue stats --watch 2
              operator queue stats --json
            """)

    @Option(name: .long, help: ArgumentHelp("Of one shard only (default: all).", valueName: "number"))
    var shard: Int?

    @OptionGroup var watching: WatchOptions

    func run() async throws {
        try await ConnectedQueue.with { connected in
            let shards = try connected.shards(shard)
            try await watching {
                let overview = try await QueueOverview(of: shards, in: connected.queue)
                let workers = WorkersOverview(try await WorkerRegistry(redis: connected.redis).all())
                return (overview.text + "\n" + workers.text, overview.json(workers))
            }
        }
    }
}
