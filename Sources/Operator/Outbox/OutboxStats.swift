import ArgumentParser
import Common

struct OutboxStats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Says how far each sink is behind the log, who works for it, and which partitions there are.",
        discussion: """
            LAG is the age of the oldest event that is neither published nor parked; PENDING counts those events, up to \
            \(OutboxOverview.countLimit) a shard. PARKED events wait for another try, or behind one of their key that \
            does; DEAD ones have been given up on. UNOWNED shards belong to no living relay: nothing leaves of them.

            A partition has a day of the log (UTC). It is dropped when it is older than \
            \(OutboxOverview.keepDays) days and every sink is past it; until then an old one is “held”, and the sinks \
            that hold it are named.

            Reads the database only, and works while Redis is away.

            EXAMPLES
              operator outbox stats
              operator outbox stats --shards --sink webhook
              operator outbox stats --watch 2
              operator outbox stats --json
            """)

    @Option(name: .long, help: ArgumentHelp("Of one sink only (default: all).", valueName: "name"), completion: .sinks)
    var sink: String?

    @Flag(name: .long, help: "Show every shard, with its cursor and owner.")
    var shards = false

    @OptionGroup var watching: WatchOptions

    func run() async throws {
        try await ConnectedOutbox.withLog { postgres in
            if let sink { try await postgres.require(sink: sink) }
            try await watching {
                let overview = try await OutboxOverview(of: sink, on: postgres)
                return (overview.text(withShards: shards), overview.json(withShards: shards))
            }
        }
    }
}
