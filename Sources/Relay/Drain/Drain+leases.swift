import Common
import Logging

extension Drain {
    /// Renews leases when that is due, and takes or gives shards so that each relay has its share.
    func lookAfterLeases() async throws(PostgresError) {
        if logID == nil { try await identify() }
        let start = ContinuousClock.now
        let isRenewal = renewed.map { start >= $0 + log.lease / 3 } ?? true
        let view = isRenewal ? try await leases.renew(Array(held.values)) : try await leases.look()
        if isRenewal { renewed = start }
        moved(to: view.places)
        drop(held.values.filter { view.owners[$0.shard] != log.owner || view.epochs[$0.shard] != $0.epoch })

        let plan = LeasePlan(for: log.owner, relays: view.relays, owners: view.owners)
        if !plan.release.isEmpty { try await release(plan.release) }
        if plan.claim > 0 { try await claim(plan.claim) }
        try await lookWhetherDisabled()
        if start >= nextMeasurement {
            nextMeasurement = start + log.lease / 3
            status.measured(try await progress.measure())
            mustCompareMarks = true
        }
        nextLeaseTurn = .now + min(.seconds(1), log.lease / 6)
    }

    /// Whether by our own clock no lease of ours can have run out.
    ///
    /// It spares a sink the events of a relay that was stopped for long; what makes such a relay harmless is the mark.
    var holdsLeases: Bool { renewed.map { .now < $0 + log.lease } ?? false }

    /// Notes where cursors' rows are now.
    func moved(to places: [Int: CursorPlace]) {
        for (shard, place) in places { held[shard]?.place = place }
    }

    /// Forgets shards that are another's by now.
    func drop(_ lost: [HeldShard]) {
        if lost.isEmpty { return }
        forget(lost.map(\.shard))
        nextLeaseTurn = .now
        logger.warning("leases were lost", metadata: ["shards": "\(lost.count)"])
    }

    private func forget(_ shards: [Int]) {
        for shard in shards {
            held[shard] = nil
            ahead[shard] = nil
            full[shard] = nil
        }
        status.full(full.count)
    }

    /// Someone may have switched the sink off or on: we, another relay, or an operator.
    private func lookWhetherDisabled() async throws(PostgresError) {
        let reason = try await register.disabledReason()
        defer { disabledReason = reason }
        status.disabled(reason != nil)
        if let reason, disabledReason == nil {
            logger.error("the sink is switched off until someone decides", metadata: ["reason": "\(reason)"])
        } else if reason == nil, disabledReason != nil {
            logger.notice("the sink is switched on again")
            nextLook = .now
        }
    }

    private func release(_ shards: [Int]) async throws(PostgresError) {
        forget(shards)
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
