import ArgumentParser
import Common
import Glibc

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
        try await ConnectedQueue.with { connected in
            let shards = try connected.shards(shard)
            while true {
                let overview = try await QueueOverview(of: shards, in: connected.queue)
                let clears = watch != nil && !json && isatty(STDOUT_FILENO) == 1
                let text = json ? overview.json.text : (clears ? "\u{1B}[H\u{1B}[2J" : "") + overview.text
                // Nobody reads it any more: that is how a watch in a pipe ends.
                guard Output.put(text + "\n", to: STDOUT_FILENO), let watch else { return }
                try await Task.sleep(for: .seconds(watch))
            }
        }
    }
}
