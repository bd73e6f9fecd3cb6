import Common

extension Drain {
    /// How often parked events are looked for: an index without entries, when there are none.
    private static let parkedPause: Duration = .seconds(1)

    /// Tries parked events whose time has come, and publishes once more what someone wants to be.
    func publishParked() async throws {
        guard .now >= nextParkedLook, let logID else { return }
        guard holdsLeases else {
            nextLeaseTurn = .now
            return
        }
        nextParkedLook = .now + Self.parkedPause
        let due = try await parking.due(Array(held.values))
        try await retry(due.refused, isReplay: false, of: logID)
        try await retry(due.replays, isReplay: true, of: logID)
    }

    private func retry(_ due: [ParkingStore.Due], isReplay: Bool, of log: UUID) async throws {
        var due = due.shuffled()
        if sinkPause.state() != .closed, var probe = due.first {
            probe.batch.events = Array(probe.batch.events.prefix(1))
            due = [probe]
        }
        if due.isEmpty { return }
        FaultPoint.beforePublish.reached()
        let report = await deliver(due.map(\.batch), of: log)
        FaultPoint.afterPublish.reached()
        let outcomes = due.map { due in
            (
                held: due.batch.held,
                outcome: ParkedOutcome(
                    due.batch, attempts: due.attempts, report.answers[due.batch.held.shard])
            )
        }.filter { !$0.outcome.isEmpty }
        try await settle(outcomes, isReplay: isReplay)
        if let failure = report.failure { throw failure }
    }

    private func settle(
        _ outcomes: [(held: HeldShard, outcome: ParkedOutcome)], isReplay: Bool
    ) async throws(PostgresError) {
        if outcomes.isEmpty { return }
        let kept = try await parking.settle(outcomes, isReplay: isReplay)
        drop(outcomes.compactMap { kept.contains($0.held.shard) ? nil : held[$0.held.shard] })
        noteThatSinkWorks()
        for (_, outcome) in outcomes {
            status.published(outcome.taken)
            for (event, standing) in outcome.refused { report(event, standing) }
        }
        // What waited behind an event that is gone now is due, and its place is free.
        nextParkedLook = .now
        for shard in full.keys { hinted.insert(shard) }
        full.removeAll()
    }
}
