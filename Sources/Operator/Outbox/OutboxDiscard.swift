import ArgumentParser
import Common

struct OutboxDiscard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Forgets parked or dead events for good: the sink will never get them.",
        discussion: """
            What waits behind them for the same key goes on. The events stay in the log for as long as their day is \
            kept, from where operator outbox replay could still publish them.

            EXAMPLES
              operator outbox discard --sink webhook --state dead --all --dry-run
              operator outbox discard --sink webhook --id 0199d2c4-8a51-7c3e-9f60-2b8f4a6d1e07 --yes
            """)

    @OptionGroup var parked: ParkedRun

    func run() async throws {
        try await parked("discarded") { try await $0.discard(on: $1) }
    }
}
