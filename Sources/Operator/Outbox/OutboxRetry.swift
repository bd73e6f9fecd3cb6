import ArgumentParser
import Common

struct OutboxRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Has parked or dead events tried again now.",
        discussion: """
            A parked event is tried at once instead of at its next time; what waits behind it for the same key follows \
            in order. A dead one begins anew, with all its tries; what its key had published meanwhile stays before it. \
            Mend the cause first: operator outbox list --sink NAME --state dead shows them, and the sink's answers are \
            in outbox_parked.last_error.

            EXAMPLES
              operator outbox retry --sink webhook --all --dry-run
              operator outbox retry --sink webhook --state dead --all --yes
              operator outbox retry --sink webhook --id 0199d2c4-8a51-7c3e-9f60-2b8f4a6d1e07 --yes
            """)

    @OptionGroup var parked: ParkedRun

    func run() async throws {
        try await parked("retried") { try await $0.retry(on: $1) }
    }
}
