import Common

extension Drain {
    /// How long lanes begin new batches in one turn: what was announced of other shards waits meanwhile.
    private static let longestRun: Duration = .milliseconds(50)

    /// Publishes what `shards` have, in lanes beside each other where the sink is prompt and they are many; gives back the
    /// shards that had events.
    ///
    /// Postgres reads one lane while the sink takes another. To a shard it makes no difference, as it is in one lane.
    func publish(_ shards: [HeldShard]) async throws -> Set<Int> {
        let isAlone = !sink.isPrompt || sinkPause.state() != .closed
        let lanes = isAlone ? [shards] : ShardLanes.split(shards)
        if lanes.count == 1 { return try await publish(lane: shards) }
        return try await withThrowingTaskGroup(of: Set<Int>.self) { group in
            let end = ContinuousClock.now + Self.longestRun
            for lane in lanes { group.addTask { try await self.publish(lane: lane, until: end) } }
            var found: Set<Int> = []
            var failure: (any Error)?
            // Where one fails the others are let finish: what they publish is to be acknowledged.
            while let result = await group.nextResult() {
                switch result {
                case .success(let shards): found.formUnion(shards)
                case .failure(let error): failure = failure ?? error
                }
            }
            if let failure { throw failure }
            return found
        }
    }

    /// Publishes batch after batch of a lane while its shards have more, and begins none after `end`.
    ///
    /// Lanes that waited for each other after every batch would leave a core idle each time.
    private func publish(lane shards: [HeldShard], until end: ContinuousClock.Instant) async throws -> Set<Int> {
        var found: Set<Int> = []
        var shards = shards
        while !shards.isEmpty {
            found.formUnion(try await publish(lane: shards))
            guard .now < min(end, nextLeaseTurn), !mustCompareMarks else { break }
            shards = shards.compactMap { hinted.contains($0.shard) ? held[$0.shard] : nil }
            for shard in shards { hinted.remove(shard.shard) }
        }
        return found
    }
}
