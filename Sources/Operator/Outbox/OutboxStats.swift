import ArgumentParser
import Common
import Glibc

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

    @Option(name: .long, help: ArgumentHelp("Of one sink only (default: all).", valueName: "name"))
    var sink: String?

    @Flag(name: .long, help: "Show every shard, with its cursor and owner.")
    var shards = false

    @Option(name: .long, help: ArgumentHelp("Say it again every so many seconds.", valueName: "seconds"))
    var watch: Int?

    @Flag(name: .long, help: "Print JSON, one line each time.")
    var json = false

    func validate() throws {
        if let watch, !(1...3600).contains(watch) {
            throw ValidationError("--watch takes a number of seconds from 1 to 3600, not \(watch).")
        }
    }

    func run() async throws {
        try await ConnectedOutbox.withLog { postgres in
            if let sink { try await postgres.require(sink: sink) }
            while true {
                let overview = try await OutboxOverview(of: sink, on: postgres)
                let clears = watch != nil && !json && isatty(STDOUT_FILENO) == 1
                let text =
                    json
                    ? overview.json(withShards: shards).text
                    : (clears ? "\u{1B}[H\u{1B}[2J" : "") + overview.text(withShards: shards)
                // Nobody reads it any more: that is how a watch in a pipe ends.
                guard Output.put(text + "\n", to: STDOUT_FILENO), let watch else { return }
                try await Task.sleep(for: .seconds(watch))
            }
        }
    }
}
