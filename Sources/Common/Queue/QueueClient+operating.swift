/// What an operator does to a queue.
extension QueueClient {
    /// Arguments of one call, so that none of them holds Redis up.
    private static let atOnce = 500
    /// Envelopes of one call: they may have 64 kB each.
    private static let envelopesAtOnce = 16

    /// What the shard holds and has done.
    package func stats(shard: Int) async throws(RedisError) -> QueueStatistics {
        try QueueStatistics(try await call("wa_stats", shard, []))
    }

    /// Stops the shard, or lets it go on: while it is stopped messages are accepted and finished, but none is begun.
    package func pause(shard: Int, _ isPaused: Bool) async throws(RedisError) {
        _ = try await call("wa_pause", shard, [.init(isPaused ? 1 : 0)])
    }

    /// What became of messages in the last one to two dedup windows.
    package enum Fate: String, Sendable {
        case unknown = ""
        case accepted
        /// The sender had sent too much.
        case refused
    }

    /// What became of messages, in their order.
    ///
    /// A message that is accepted and not drained yet is still unknown.
    package func seen(shard: Int, _ sids: [String]) async throws(RedisError) -> [Fate] {
        var fates: [Fate] = []
        for page in sids.pages(of: Self.atOnce) {
            let reply = try await call("wa_seen", shard, [window] + page.map { .init($0) })
            let answers = reply.array?.compactMap { $0.string.flatMap(Fate.init) } ?? []
            guard answers.count == page.count else { throw .ofAnotherRelease }
            fates += answers
        }
        return fates
    }

    /// Pushes envelopes of this shard's senders as if they were new, and takes dead letters with their SIDs away.
    ///
    /// Gives back how many were pushed. When it throws, a part of them may have been.
    @discardableResult
    package func replay(shard: Int, _ envelopes: [[UInt8]]) async throws(RedisError) -> Int {
        var count = 0
        for page in envelopes.pages(of: Self.envelopesAtOnce) {
            count += try await number("wa_replay", shard, [window] + page.map { .init($0) })
        }
        return count
    }

    /// Takes dead letters away: those with these SIDs, and these entries of the dead list; gives back how many.
    @discardableResult
    package func discard(
        shard: Int, sids: [String], entries: [[UInt8]] = []
    ) async throws(RedisError) -> Int {
        var count = 0
        for page in sids.pages(of: Self.atOnce) {
            count += try await number("wa_discard", shard, page.map { .init($0) })
        }
        for page in entries.pages(of: Self.envelopesAtOnce) {
            count += try await number("wa_discard", shard, page.map { .init($0) })
        }
        return count
    }

    /// Puts the places, leases and owners of `senders` right, which are this shard's, or with `dryRun` finds what is not.
    package func repair(
        shard: Int, _ senders: [String], dryRun: Bool = false
    ) async throws(RedisError) -> QueueRepairs {
        let function = dryRun ? "wa_examine" : "wa_repair"
        var repairs = QueueRepairs()
        for page in senders.pages(of: Self.atOnce) {
            repairs += try QueueRepairs(try await call(function, shard, page.map { .init($0) }))
        }
        return repairs
    }

    /// Puts all senders of the shard right; `progress` is told how many have been looked at.
    ///
    /// Those that come or go meanwhile may be missed: nothing is wrong with them. Lists that are read are of any length.
    /// With `dryRun` nothing is changed, only counted.
    package func repair(
        shard: Int, dryRun: Bool = false, progress: (Int) -> Void = { _ in }
    ) async throws(RedisError) -> QueueRepairs {
        var repairs = QueueRepairs()
        var looked = 0
        var known: Set<String> = []
        for source in SenderPages.Source.allCases {
            var pages = SenderPages(source, shard: shard, of: self)
            while let senders = try await pages.next() {
                // What has been put right is not found again at another trace of the sender; what has not would be.
                let fresh = dryRun ? senders.filter { known.insert($0).inserted } : senders
                repairs += try await repair(shard: shard, fresh, dryRun: dryRun)
                looked += senders.count
                progress(looked)
            }
        }
        return repairs
    }

    private var window: RedisArgument { .init(Int(limits.dedupWindow.wholeMilliseconds)) }

    private func number(_ function: String, _ shard: Int, _ arguments: [RedisArgument]) async throws(RedisError) -> Int
    {
        guard let number = try await call(function, shard, arguments).int else { throw .ofAnotherRelease }
        return number
    }
}

extension Array {
    /// Its elements in order, in arrays of at most `count`.
    fileprivate func pages(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
