import Common

extension Drain {
    /// Publishes what the shards hinted at have to give, or all shards when it is time to look at all.
    func publishWhatIsNew() async throws {
        let isLook = .now >= nextLook
        let announced = hinted
        hinted.removeAll(keepingCapacity: true)
        let wanted = isLook ? Array(held.values) : announced.compactMap { held[$0] }
        if wanted.isEmpty { return }
        let found = try await publish(wanted)
        if isLook {
            schedule.looked(foundUnannounced: !found.isSubset(of: announced))
            nextLook = .now + schedule.pause
        }
    }

    /// Reads, publishes and acknowledges one batch of each shard; gives back the shards that had events.
    private func publish(_ shards: [HeldShard]) async throws -> Set<Int> {
        let batches = try await log.read(shards)
        guard !batches.isEmpty, let logID else { return [] }
        guard holdsLeases else {
            nextLeaseTurn = .now
            hinted.formUnion(batches.map(\.held.shard))
            return []
        }
        FaultPoint.beforePublish.reached()
        let report = await sink.publish(batches, of: logID, within: PublishWindow(log.lease / 3))
        FaultPoint.afterPublish.reached()
        var acknowledgements: [Acknowledgement] = []
        for batch in batches {
            switch report.answers[batch.held.shard] {
            case .taken(let count):
                if let acknowledgement = batch.acknowledgement { acknowledgements.append(acknowledgement) }
                status.published(batch.events.suffix(count))
                if batch.isFull { hinted.insert(batch.held.shard) }
            case .outOfStep:
                mustCompareMarks = true
                hinted.insert(batch.held.shard)
            case .partly: hinted.insert(batch.held.shard)
            case nil: break  // It is in `failure`.
            }
        }
        try await acknowledge(acknowledgements)
        FaultPoint.afterCursor.reached()
        if let failure = report.failure { throw failure }
        return Set(batches.map(\.held.shard))
    }

    /// Moves cursors, and forgets the shards whose leases turn out to be lost.
    func acknowledge(_ acknowledgements: [Acknowledgement]) async throws(PostgresError) {
        let kept = try await log.acknowledge(acknowledgements)
        for acknowledgement in acknowledgements where kept.contains(acknowledgement.shard) {
            held[acknowledgement.shard]?.cursor = acknowledgement.sequence
        }
        drop(acknowledgements.compactMap { kept.contains($0.shard) ? nil : held[$0.shard] })
    }
}
