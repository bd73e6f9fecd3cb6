import ArgumentParser
import Common

struct OutboxReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Has past events published once more, marked as replay.",
        discussion: """
            For a consumer that lost some of what it had been given. The events come under the same ids, those of one \
            key in their order, beside what is new: a key's new events do not wait for its replays. They are marked: in \
            the Redis stream by the field replay=true, by the webhook as the CloudEvents extension “replay”.

            Only events that the sink has had are replayed; what is pending or parked comes anyway. A sink that refuses \
            a replay gets it again as it does a parked event. Safe to repeat: an event that waits to be replayed is not \
            put there twice.

            EXAMPLES
              operator outbox replay --sink redis --since 2h --until 1h --dry-run
              operator outbox replay --sink webhook --type journey.created --since 1d --yes
              operator outbox replay --sink webhook --key 0199d2c4-8a51-7c3e-9f60-2b8f4a6d1e07 --yes
            """)

    /// How many events one run takes at most: each is copied.
    static let limit = 200_000

    @Option(name: .long, help: ArgumentHelp("Which sink.", valueName: "name"), completion: .sinks)
    var sink: String

    @OptionGroup var selection: OutboxSelection
    @OptionGroup var confirmation: Confirmation

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !selection.isEmpty else {
            throw ValidationError("Say which: --since, --until, --key, --type or --id.")
        }
    }

    func run() async throws {
        try await ConnectedOutbox.withLog { postgres in
            try await postgres.require(sink: sink)
            let request = ReplayRequest(sink: sink, selection: selection.condition)
            let total = try await request.count(on: postgres)
            guard total <= Self.limit else {
                throw OutboxFailure(
                    "\(total) events are more than the \(Self.limit) that one run replays: narrow it down, or use operator outbox rewind."
                )
            }
            var done = total
            if !confirmation.dryRun {
                var bar = ProgressBar("replaying", total: total)
                defer { bar.end() }
                done = try await request.carryOut(on: postgres) { bar.show($0) }
            }
            if json {
                return Output.write([
                    "replayed": .integer(done), "sink": .string(sink), "dry_run": .bool(confirmation.dryRun),
                ])
            }
            Output.write(
                confirmation.dryRun
                    ? "would replay \(done) events to \(sink)"
                    : "\(done) events are to be replayed to \(sink); operator outbox stats counts those that wait")
        }
    }
}
