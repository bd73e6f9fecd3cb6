import ArgumentParser
import Common

struct QueueStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Says how much waits where, how old the oldest is, and what the queue has done.",
        discussion: """
            WAITING is IN (accepted), STAGE (handed to a worker that waited) and HELD (in their senders' lists) \
            together; READY, LEASED and DELAYED count senders. The oldest message is found among the first of every \
            list. Totals count since Redis was last empty.

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
                return (overview.text, overview.json)
            }
        }
    }
}
