import Common

extension Drain {
    /// How long lanes begin new batches in one turn: what was announced of other shards waits meanwhile.
    private static let longestRun: Duration = .milliseconds(50)

    /// Publishes what `shards` have, in lanes beside each other where the sink is prompt and they are many.
    ///
    /// Gives back the shards that had events. Postgres reads one lane while the sink takes another; to a shard it makes
    /// no difference, as it is in one lane.
    func publish(_ shards: [HeldShard]) async throws -> Set<Int> {
        if shards.isEmpty { return [] }
        let isAlone = !sink.isPrompt || sinkPause.state() != .closed
        let lanes = isAlone ? [shards] : ShardLanes.split(shards)
        if lanes.count == 1 { return try await publish(lane: shards) }
        laneFailure = nil
        let end = ContinuousClock.now + Self.longestRun
        let found = await withTaskGroup { group in
            for lane in lanes { group.addTask { await self.publish(lane: lane, until: end) } }
            // Where one fails the others are let finish: what they publish is to be acknowledged.
            var found: Set<Int> = []
            for await shards in group { found.formUnion(shards) }
            return found
        }
        if let laneFailure { throw laneFailure }
        return found
    }

    /// Publishes batch after batch of a lane while its shards have more; begins none after `end` or a lane's failure.
    ///
    /// Lanes that waited for each other after every batch would leave a core idle each time.
    private func publish(lane shards: [HeldShard], until end: ContinuousClock.Instant) async -> Set<Int> {
        var found: Set<Int> = []
        var shards = shards
        while !shards.isEmpty {
            do {
                found.formUnion(try await publish(lane: shards))
            } catch {
                // What the sink says of itself decides how long it is left alone.
                if laneFailure == nil || error is SinkError { laneFailure = error }
            }
            guard .now < min(end, nextLeaseTurn), !mustCompareMarks, laneFailure == nil else { break }
            shards = shards.compactMap { hinted.contains($0.shard) ? held[$0.shard] : nil }
            for shard in shards { hinted.remove(shard.shard) }
        }
        return found
    }
}
