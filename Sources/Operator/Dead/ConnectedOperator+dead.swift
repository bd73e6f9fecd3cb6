import Common

extension ConnectedOperator {
    /// Copies what Redis' dead lists have and the table has not.
    func recordDeadLetters() async throws {
        for shard in queue.keys.all { _ = try await ledger.copy(shard: shard) }
    }

    /// The entries of Redis' dead lists for those of `letters` that it still has, with the shard each is in.
    func entries(of letters: [DeadLetter]) async throws -> [DeadLetterKey: (shard: Int, entry: [UInt8])] {
        let wanted = Set(letters.map(DeadLetterKey.init))
        guard !wanted.isEmpty else { return [:] }
        // Nobody knows the shard of what has no sender.
        let shards =
            letters.contains { !$0.hasHeader }
            ? Set(queue.keys.all) : Set(letters.map { queue.keys.shard(of: $0.sender) })
        var found: [DeadLetterKey: (shard: Int, entry: [UInt8])] = [:]
        for shard in shards {
            _ = try await ledger.copy(shard: shard) { entry, letter in
                let key = DeadLetterKey(letter)
                if wanted.contains(key) { found[key] = (shard, entry) }
            }
        }
        return found
    }

    /// The envelopes to push for `letters`: Redis may still have the words of what was stored without them.
    func envelopes(of letters: [DeadLetter]) async throws -> [DeadLetterKey: [UInt8]] {
        try await entries(of: letters.filter(\.isRedacted)).mapValues { DeadLetter(entry: $0.entry).envelope }
    }
}

extension QueueKeys {
    /// Every shard.
    var all: Range<Int> { 0..<shards }
}
