import ArgumentParser
import Common

struct QueuePause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Has workers begin no more messages; those in work are finished.",
        discussion: """
            Messages go on being accepted and are kept in their order until operator queue resume. It holds for all \
            workers, those that start later too, and until somebody resumes: nothing ends it by itself.

            EXAMPLES
              operator queue pause
              operator queue pause --shard 3
            """)

    @OptionGroup var options: PauseOptions

    func run() async throws { try await options.set(true) }
}

struct QueueResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Lets workers go on with a queue that was paused.",
        discussion: """
            Safe to repeat, and without effect on a queue that is not paused.

            EXAMPLES
              operator queue resume
              operator queue resume --shard 3
            """)

    @OptionGroup var options: PauseOptions

    func run() async throws { try await options.set(false) }
}

/// What both have in common.
struct PauseOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Only this shard (default: all).", valueName: "number"))
    var shard: Int?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func set(_ isPaused: Bool) async throws {
        try await ConnectedQueue.with { connected in
            let shards = try connected.shards(shard)
            for shard in shards { try await connected.queue.pause(shard: shard, isPaused) }
            if json {
                return Output.write(["paused": .bool(isPaused), "shards": .array(shards.map { .integer($0) })])
            }
            let which = shards.count == 1 ? "shard \(shards[0])" : "all \(shards.count) shards"
            Output.write(
                isPaused
                    ? "paused \(which): messages are accepted and finished, and none is begun until operator queue resume"
                    : "resumed \(which)")
        }
    }
}
