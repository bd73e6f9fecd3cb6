import ArgumentParser
import Common

struct DeadReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Puts messages that were given up on back on the queue.",
        discussion: """
            They are handled as if they had just arrived, after what their senders have sent since. Safe to repeat: a \
            message that has been processed is not processed again. What nobody can read is passed over; it can only \
            be discarded.

            EXAMPLES
              operator dead replay --all --dry-run
              operator dead replay --since 2h --reason deliveries --yes
              operator dead replay --sid SM0123456789abcdef0123456789abcdef --yes
            """)

    @OptionGroup var dead: DeadRun

    func run() async throws {
        try await dead("replaying", "replayed", passesOver: { $0.obstacle != nil }) { page, letters in
            try await letters.replay(page)
        }
    }
}
