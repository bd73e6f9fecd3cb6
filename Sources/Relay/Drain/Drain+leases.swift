import Common
import Logging

extension Drain {
    /// Renews leases when that is due, and takes or gives shards so that each relay has its share.
    func lookAfterLeases() async throws(PostgresError) {
        if logID == nil { logID = try await log.identity() }
        let start = ContinuousClock.now
        let isRenewal = renewed.map { start >= $0 + log.lease / 3 } ?? true
        let view = isRenewal ? try await leases.renew(Array(held.values)) : try await leases.look()
        if isRenewal { renewed = start }
        drop(held.values.filter { view.owners[$0.shard] != log.owner || view.epochs[$0.shard] != $0.epoch })

        let plan = LeasePlan(for: log.owner, relays: view.relays, owners: view.owners)
        if !plan.release.isEmpty { try await release(plan.release) }
        if plan.claim > 0 { try await claim(plan.claim) }
        if isRenewal {
            status.measured(try await progress.measure())
            mustCompareMarks = true
        }
        nextLeaseTurn = .now + min(.seconds(1), log.lease / 6)
    }

    /// Whether by our own clock no lease of ours can have run out.
    ///
    /// It spares a sink the events of a relay that was stopped for long; what makes such a relay harmless is the mark.
    var holdsLeases: Bool { renewed.map { .now < $0 + log.lease } ?? false }

    /// Forgets shards that are another's by now.
    func drop(_ lost: [HeldShard]) {
        if lost.isEmpty { return }
        for shard in lost { held[shard.shard] = nil }
        nextLeaseTurn = .now
        logger.warning("leases were lost", metadata: ["shards": "\(lost.count)"])
    }

    private func release(_ shards: [Int]) async throws(PostgresError) {
        for shard in shards { held[shard] = nil }
        try await leases.release(shards)
        announceRelease()
        logger.info("shards given to other relays", metadata: ["shards": "\(shards.count)", "kept": "\(held.count)"])
    }

    private func claim(_ count: Int) async throws(PostgresError) {
        let claimed = try await leases.claim(count)
        if claimed.isEmpty { return }
        for shard in claimed { held[shard.shard] = shard }
        mustCompareMarks = true
        nextLook = .now
        logger.info("shards claimed", metadata: ["shards": "\(claimed.count)", "held": "\(held.count)"])
    }
}
