import Common
import Logging

extension Drain {
    /// How long a shard without room to park is left alone.
    private static let fullPause: Duration = .seconds(30)

    /// Publishes what the shards hinted at have to give, or all shards when it is time to look at all.
    func publishWhatIsNew() async throws {
        let isLook = .now >= nextLook
        let announced = hinted
        hinted.removeAll(keepingCapacity: true)
        // Where the sink is tried with one event, shards that were announced must not keep others from being the one.
        let isOne = isLook && sinkPause.state() != .closed
        let first = isOne ? Array(held.values) : announced.compactMap { held[$0] }
        var found = try await publish(withRoom(first))
        // One statement for all of which nothing is known.
        let others = isLook && !isOne ? withRoom(held.values.filter { !announced.contains($0.shard) }) : []
        if !others.isEmpty { found.formUnion(try await publish(lane: others)) }
        if isLook {
            schedule.looked(foundUnannounced: !found.isSubset(of: announced))
            nextLook = .now + schedule.pause
            // Nothing to try the sink with: that it tells its marks must do.
            if found.isEmpty, keepsMarks { noteThatSinkWorks() }
        }
    }

    private func withRoom(_ shards: [HeldShard]) -> [HeldShard] {
        shards.filter { full[$0.shard].map { .now >= $0 } ?? true }
    }

    /// Reads, publishes and acknowledges one batch of each shard; gives back the shards that had events.
    ///
    /// After a failure one event of one shard is the test of whether the sink works again.
    func publish(lane shards: [HeldShard]) async throws -> Set<Int> {
        // In another order each time: where an event makes the whole sink fail, others get their turn before it.
        var batches = try await log.read(shards).shuffled()
        guard !batches.isEmpty, let logID else { return [] }
        let found = Set(batches.map(\.held.shard))
        guard holdsLeases else {
            nextLeaseTurn = .now
            hinted.formUnion(found)
            return found
        }
        let isProbe = sinkPause.state() != .closed
        if isProbe {
            hinted.formUnion(found)
            batches = Array(batches.prefix(1))
        }
        let offers = batches.map { batch in
            BatchOffer(batch, known: ahead[batch.held.shard] ?? [], limit: isProbe ? 1 : .max)
        }
        FaultPoint.beforePublish.reached()
        let report = await deliverSoon(offers.map(\.offered).filter { !$0.events.isEmpty }, of: logID)
        FaultPoint.afterPublish.reached()
        try await settle(offers, report)
        FaultPoint.afterCursor.reached()
        if let failure = report.failure { throw failure }
        return found
    }

    /// Moves cursors as far as the sink's answers allow, and parks what it refused.
    private func settle(_ offers: [BatchOffer], _ report: SinkReport) async throws(PostgresError) {
        let room = try await room(for: offers, report)
        var outcomes: [BatchOutcome] = []
        for offer in offers {
            let shard = offer.batch.held.shard
            let answer = report.answers[shard]
            if answer == .outOfStep {
                mustCompareMarks = true
                hinted.insert(shard)
                continue
            }
            let outcome = BatchOutcome(offer, answer, room: room, policy: log.policy)
            outcomes.append(outcome)
            status.published(outcome.published)
            ahead[shard] = outcome.ahead.isEmpty ? nil : outcome.ahead
            note(outcome, of: shard)
            let isProgress = outcome.acknowledgement != nil || !outcome.published.isEmpty
            let isLeft = outcome.acknowledgement?.sequence != offer.batch.events.last?.sequence
            if isProgress, !outcome.isFull, isLeft || offer.batch.isFull { hinted.insert(shard) }
        }
        if report.answers.values.contains(where: \.isAnswered) { noteThatSinkWorks() }
        try await acknowledge(outcomes.compactMap(\.acknowledgement), parking: outcomes.flatMap(\.parkings))
    }

    /// Counted only when something is to be parked, which is rare.
    private func room(for offers: [BatchOffer], _ report: SinkReport) async throws(PostgresError) -> ParkingRoom {
        var keys: Set<String> = []
        for offer in offers {
            keys.formUnion(offer.blockedKeys)
            if case .partly(_, let refused) = report.answers[offer.batch.held.shard], !refused.isEmpty {
                keys.formUnion(offer.offered.events.map(\.orderingKey))
            }
        }
        return keys.isEmpty ? ParkingRoom(parked: 0) : try await log.room(for: keys)
    }

    private func note(_ outcome: BatchOutcome, of shard: Int) {
        if outcome.isFull {
            if full[shard] == nil {
                logger.error(
                    "too many events are parked: the shard stops until some are published or discarded",
                    metadata: ["shard": "\(shard)"])
            }
            full[shard] = .now + Self.fullPause
        } else if outcome.acknowledgement != nil, full.removeValue(forKey: shard) != nil {
            logger.notice("there is room to park events again", metadata: ["shard": "\(shard)"])
        }
        status.full(full.count)
        for parking in outcome.parkings where parking.standing.state != .blocked {
            report(parking.event, parking.standing)
        }
    }

    /// Says that an event was refused; what it holds stays out of the log.
    func report(_ event: LoggedEvent, _ standing: ParkedStanding) {
        let isDead = standing.state == .dead
        logger.log(
            level: isDead ? .error : .warning,
            isDead ? "the sink refused an event for the last time" : "the sink refused an event: it is parked",
            metadata: Logger.Metadata.ofTrace(event.trace).merging([
                "event": "\(event.id)", "type": "\(event.type)", "sequence": "\(event.sequence)",
                "attempts": "\(standing.attempts)", "status": "\(standing.status.map { "\($0)" } ?? "none")",
                "error": "\(standing.error ?? "")", "correlation_id": "\(event.correlationID)",
            ]) { $1 })
    }

    func noteThatSinkWorks() {
        guard sinkPause.succeeded() else { return }
        nextLook = .now
        nextParkedLook = .now
        logger.notice("the sink takes events again")
    }

    /// Moves cursors, and forgets the shards whose leases turn out to be lost.
    func acknowledge(
        _ acknowledgements: [Acknowledgement], parking parkings: [Parking] = []
    ) async throws(PostgresError) {
        let kept = try await log.acknowledge(acknowledgements, parking: parkings)
        for acknowledgement in acknowledgements where kept[acknowledgement.shard] != nil {
            held[acknowledgement.shard]?.cursor = acknowledgement.sequence
        }
        moved(to: kept)
        drop(acknowledgements.compactMap { kept[$0.shard] == nil ? held[$0.shard] : nil })
        // So that the gauges tell of it soon.
        if !parkings.isEmpty { nextMeasurement = .now }
    }
}
