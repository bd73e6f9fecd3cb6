import ArgumentParser
import Common

struct DeadDiscard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Closes dead letters for good: nobody will answer these messages.",
        discussion: """
            They are taken off Redis' dead list and stay in the table dead_letters, as discarded.

            EXAMPLES
              operator dead discard --reason malformed --dry-run
              operator dead discard --sid SM0123456789abcdef0123456789abcdef --yes
            """)

    @OptionGroup var dead: DeadRun

    func run() async throws {
        try await dead("discarding", "discarded") { page, letters in try await letters.discard(page) }
    }
}
