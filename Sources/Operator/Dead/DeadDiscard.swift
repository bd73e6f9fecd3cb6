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

    func run() async throws { try await dead("discarding", "discarded", discard) }

    private func discard(_ page: [StoredDeadLetter], _ letters: DeadLetters) async throws {
        let queue = letters.servers.queue
        let named = Dictionary(grouping: page.filter(\.letter.hasHeader)) { queue.keys.shard(of: $0.letter.sender) }
        for (shard, letters) in named {
            try await queue.queue.discard(shard: shard, sids: letters.map(\.letter.messageSID))
        }
        // What has no MessageSid is known by its bytes alone.
        let nameless = page.filter { !$0.letter.hasHeader && !$0.isErased }
        for (shard, entry) in try await letters.servers.entries(of: nameless.map(\.letter)).values {
            try await queue.queue.discard(shard: shard, sids: [], entries: [entry])
        }
        try await letters.markDiscarded(page)
    }
}
