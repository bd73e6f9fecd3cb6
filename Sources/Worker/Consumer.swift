import Common
import CoreMetrics
import Logging
import ServiceLifecycle

/// Claims senders of one shard, has their messages handled, and settles what became of them.
///
/// One call to Redis a turn settles everything that finished and claims as much as there is room for. When there is
/// nothing to do it waits in Redis for the next message.
actor Consumer: Service {
    typealias Handle = @Sendable (QueueClaim) async -> QueueSettlement?

    private let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let queue: QueueClient
    private let shard: Int
    private let budget: ConcurrencyBudget
    private let admit: @Sendable (Int) -> Int
    private let onDead: @Sendable () -> Void
    private let grace: Duration
    private let logger: Logger
    private let handle: Handle

    private var held: [String: Held] = [:]
    private var settlements: [Finished] = []
    private var isStopping = false
    private var isWaiting = false
    private var isWoken = false
    private var isStarved = false
    private var sleeper: CheckedContinuation<Void, Never>?
    private let counters = QueueCounters()

    /// What is to be settled, and the envelope that its claim began with, whose id the log names.
    private struct Finished {
        var settlement: QueueSettlement
        var head: [UInt8]?
    }

    private struct Held {
        var fence: Int64
        /// Finished when the lease is lost or the time is up: the handler is cancelled.
        var end: AsyncStream<Never>.Continuation
    }

    /// Describes the consumer of one shard.
    ///
    /// `budget` is shared with the consumers of the other shards. `admit` is asked before every claim how many of so
    /// many senders may be claimed: fewer, or none, while what they need is known to be down. `onDead` is told when a
    /// message was given up on. Both are called on the reactor.
    init(
        queue: QueueClient, shard: Int, budget: ConcurrencyBudget, grace: Duration, reactor: Reactor, logger: Logger,
        admit: @escaping @Sendable (Int) -> Int = { $0 }, onDead: @escaping @Sendable () -> Void = {},
        handle: @escaping Handle
    ) {
        self.queue = queue
        self.shard = shard
        self.budget = budget
        self.admit = admit
        self.onDead = onDead
        self.grace = grace
        self.reactor = reactor
        self.logger = logger
        self.handle = handle
    }

    /// Runs until graceful shutdown; then finishes what it holds within the grace period and gives back the rest.
    func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.keepLeases() }
                await consume(in: &group)
                group.cancelAll()
                stopAll()
            }
            await settleTheRest()
        } onGracefulShutdown: { [reactor] in
            reactor.submit { self.assumeIsolated { $0.stop() } }
        }
    }

    // MARK: Turns

    private func consume(in group: inout DiscardingTaskGroup) async {
        var failures = 0
        while !Task.isCancelled {
            if isStopping, held.isEmpty || isPastGrace { return }
            let places = isStopping ? 0 : budget.take(upTo: queue.limits.sendersPerClaim)
            let room = places > 0 ? min(places, max(0, admit(places))) : 0
            let finished = settlements
            settlements = []
            guard room > 0 || !finished.isEmpty else {
                budget.giveBack(places)
                if places == 0, !isStopping { waitForPlace() }
                await sleep(atMost: .seconds(1))
                continue
            }
            do {
                if room > 0 { FaultPoint.beforeClaim.reached() }
                for done in finished { done.settlement.faultPoints.before.reached() }
                let turn = try await queue.settleAndClaim(
                    shard: shard, finished.map(\.settlement), senders: room)
                budget.giveBack(places - turn.claims.count)
                failures = 0
                for done in finished { done.settlement.faultPoints.after.reached() }
                report(turn, finished)
                for claim in turn.claims { start(claim, in: &group) }
                if turn.isPaused {
                    // The ingress may be full: waiting for it would end at once, again and again.
                    await sleep(atMost: .seconds(1))
                } else if turn.claims.isEmpty, settlements.isEmpty {
                    await idle(until: turn.nextDue)
                }
            } catch {
                budget.giveBack(places)
                settlements = finished + settlements
                if failures == 0 { logger.warning("the queue cannot be reached", metadata: ["cause": "\(error)"]) }
                await sleep(atMost: Backoff(base: .milliseconds(50), cap: .seconds(2)).delay(attempt: failures))
                failures += 1
            }
        }
    }

    private func start(_ claim: QueueClaim, in group: inout DiscardingTaskGroup) {
        FaultPoint.afterClaim.reached()
        let (stream, end) = AsyncStream<Never>.makeStream()
        held[claim.sender] = Held(fence: claim.fence, end: end)
        let deadline = reactor.after(.seconds(15)) { end.finish() }
        group.addTask { await self.carry(claim, stream, deadline) }
    }

    /// Handles one claim; the handler is cancelled when the lease is lost or the time is up.
    private func carry(_ claim: QueueClaim, _ end: AsyncStream<Never>, _ deadline: TimerID) async {
        let handle = handle
        let settlement = await withTaskGroup(of: QueueSettlement?.self) { group in
            group.addTask { await handle(claim) }
            group.addTask {
                for await _ in end {}
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            let second = await group.next() ?? nil
            return first ?? second
        }
        reactor.cancel(deadline)
        // A sender whose lease was lost may be held again by now, under a higher fence.
        if held[claim.sender]?.fence == claim.fence {
            held[claim.sender]?.end.finish()
            held[claim.sender] = nil
        }
        if let settlement { settlements.append(Finished(settlement: settlement, head: claim.messages.first)) }
        budget.giveBack(1)
        wake()
    }

    // MARK: Leases

    private func keepLeases() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: queue.limits.lease * 3 / 10)
            if held.isEmpty { continue }
            let leases = held.map { (sender: $0.key, fence: $0.value.fence) }
            guard let lost = try? await queue.heartbeat(shard: shard, leases) else { continue }
            for sender in lost where leases.contains(where: { $0.sender == sender && $0.fence == held[sender]?.fence })
            {
                held[sender]?.end.finish()
            }
        }
    }

    // MARK: Waiting

    /// Waits for a message, a pause that is over, or a handler that finished.
    private func idle(until due: Duration?) async {
        if !isWaiting, !isStopping {
            isWaiting = true
            queue.wait(shard: shard, atMost: .seconds(1)) { _ in
                self.assumeIsolated { consumer in
                    consumer.isWaiting = false
                    consumer.wake()
                }
            }
        }
        await sleep(atMost: min(due ?? .seconds(1), .seconds(1)))
    }

    /// Wakes up when another shard's consumer gives a place back.
    private func waitForPlace() {
        guard !isStarved else { return }
        isStarved = true
        budget.whenFree { [reactor] in
            reactor.submit {
                self.assumeIsolated { consumer in
                    consumer.isStarved = false
                    consumer.wake()
                }
            }
        }
    }

    private func sleep(atMost limit: Duration) async {
        if !isWoken {
            let timer = reactor.after(max(limit, .milliseconds(1))) { self.assumeIsolated { $0.wake() } }
            await withCheckedContinuation { continuation in
                // Other work may have run since the check: a wake-up must not be missed.
                if isWoken { continuation.resume() } else { sleeper = continuation }
            }
            reactor.cancel(timer)
        }
        isWoken = false
    }

    private func wake() {
        isWoken = true
        sleeper?.resume()
        sleeper = nil
    }

    // MARK: Stopping

    private var stoppedAt: ContinuousClock.Instant?
    private var isPastGrace: Bool { stoppedAt.map { .now - $0 > grace } ?? false }

    private func stop() {
        isStopping = true
        stoppedAt = .now
        wake()
    }

    private func stopAll() {
        for held in held.values { held.end.finish() }
    }

    private func settleTheRest() async {
        guard !settlements.isEmpty else { return }
        do {
            _ = try await queue.settleAndClaim(shard: shard, settlements.map(\.settlement), senders: 0)
        } catch {
            logger.warning(
                "could not give back claims; their leases will run out",
                metadata: ["claims": "\(settlements.count)", "cause": "\(error)"])
        }
    }

    // MARK: Metrics

    private func report(_ turn: QueueClient.Turn, _ finished: [Finished]) {
        counters.report(turn)
        if turn.dead > 0 { onDead() }
        for sender in turn.stale {
            let head = finished.first { $0.settlement.sender == sender }?.head
            var metadata: Logger.Metadata = ["shard": "\(shard)"]
            if let id = head.flatMap({ Envelope.correlationID(in: $0) }) { metadata["correlation_id"] = "\(id)" }
            logger.warning("settled too late: another worker owns the sender", metadata: metadata)
        }
    }
}
