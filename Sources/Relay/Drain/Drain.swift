import Common
import Logging
import ServiceLifecycle

/// Brings the outbox log to a sink, in the order of commits inside a shard, shard by shard as leases allow.
///
/// One turn: renew leases and take or give shards when that is due; compare the sink's marks with the cursors when
/// something may have happened to either; read, publish and acknowledge what hints or a look at all shards bring; try
/// parked events whose time has come. No transaction is open while the sink is talked to. What fails for the whole sink
/// stops cursors and is waited out with the leases kept; what fails for one event parks it. Each sink has a drain, and
/// drains share nothing but the database's client.
actor Drain: Service {
    nonisolated let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    let log: OutboxLog
    let leases: LeaseStore
    let parking: ParkingStore
    let register: SinkRegister
    let progress: OutboxProgress
    let sink: any Sink
    nonisolated let status: DrainStatus
    let logger: Logger
    /// Tells other relays that shards are free.
    let announceRelease: @Sendable () -> Void
    /// What is being published, if anything, and whether it is to end; from any thread.
    let delivery = DeliveryControl()
    nonisolated let wakeUps: WakeUps
    private let onTurn: @Sendable () -> Void

    var held: [Int: HeldShard] = [:]
    /// Which log it is; nil before the first look.
    var logID: UUID?
    /// When leases were last extended, by our clock, read before the database read its own.
    var renewed: ContinuousClock.Instant?
    /// When progress is measured and marks are compared, whether or not anything happened.
    var nextMeasurement = ContinuousClock.now
    /// Whether the sink's marks are to be compared before anything more is published.
    var mustCompareMarks = true
    /// Whether it has any, as far as is known.
    var keepsMarks = false
    /// Shards that have new events, for what we were told or saw.
    var hinted: Set<Int> = []
    /// What the first lane of this turn that failed has failed with.
    var laneFailure: (any Error)?
    /// When all shards are looked at, hints or none.
    var nextLook = ContinuousClock.now
    var nextParkedLook = ContinuousClock.now
    var nextLeaseTurn = ContinuousClock.now
    var schedule = PollSchedule()
    /// Of each shard what the sink took behind the cursor.
    var ahead: [Int: Set<Int64>] = [:]
    /// Shards without room to park, and until when they are left alone.
    var full: [Int: ContinuousClock.Instant] = [:]
    /// Why the sink is switched off; nil when it is not.
    var disabledReason: String?
    var sinkPause = FailurePause(Backoff(base: .milliseconds(500), cap: .seconds(30)))
    private var logPause = FailurePause(Backoff(base: .milliseconds(200), cap: .seconds(5)))

    init(
        log: OutboxLog, sink: any Sink, wakeUps: WakeUps, status: DrainStatus, reactor: Reactor, logger: Logger,
        announceRelease: @escaping @Sendable () -> Void, onTurn: @escaping @Sendable () -> Void = {}
    ) {
        self.reactor = reactor
        self.log = log
        leases = LeaseStore(postgres: log.postgres, sink: log.sink, owner: log.owner, lease: log.lease)
        parking = ParkingStore(log: log)
        register = SinkRegister(postgres: log.postgres, sink: log.sink)
        progress = OutboxProgress(postgres: log.postgres, sink: log.sink)
        self.sink = sink
        self.wakeUps = wakeUps
        self.status = status
        var logger = logger
        logger[metadataKey: "sink"] = "\(log.sink)"
        logger[metadataKey: "owner"] = "\(log.owner)"
        self.logger = logger
        self.announceRelease = announceRelease
        self.onTurn = onTurn
    }

    /// Drains until shut down or cancelled, then gives its shards back.
    func run() async {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await drain()
            } onGracefulShutdown: {
                self.stop()
            }
        } onCancel: {
            stop()
        }
    }

    /// Ends the drain, from any thread: nothing new is begun, what is on its way is waited for, shards are given back.
    ///
    /// Safe to call twice.
    nonisolated func stop() {
        delivery.stop()
        wakeUps.stop()
    }

    private func drain() async {
        while true {
            await turn()
            status.breaker(disabledReason == nil ? sinkPause.state() : .open)
            onTurn()
            let hints = await wakeUps.next(within: untilNextTurn)
            hinted.formUnion(hints.shards)
            if hints.wereReleased { nextLeaseTurn = .now }
            if hints.mayHaveMissed { nextLook = .now }
            if hints.isStopping { break }
        }
        do {
            try await leases.leave(within: .seconds(2))
            announceRelease()
        } catch {
            logger.warning(
                "shards could not be given back and stay ours until their leases run out",
                metadata: ["error": "\(error)"])
        }
    }

    private func turn() async {
        guard logPause.isOver() else { return }
        do {
            if .now >= nextLeaseTurn { try await lookAfterLeases() }
            if mayPublish {
                if mustCompareMarks { try await compareMarks() }
                try await publishWhatIsNew()
                try await publishParked()
            }
            if logPause.succeeded() { logger.notice("the log can be read again") }
        } catch let error as SinkError {
            await report(error)
        } catch {
            let pause = logPause.failed()
            logger.warning(
                "the log cannot be read or written",
                metadata: ["error": "\(error)", "pause_seconds": "\(pause.inSeconds)"])
            stopTrustingMemory()
        }
    }

    private var mayPublish: Bool { sinkPause.isOver() && disabledReason == nil && !held.isEmpty }

    /// How long nothing will be due unless a hint comes.
    private var untilNextTurn: Duration {
        if let end = logPause.end, !logPause.isOver() { return end - .now }
        var next = nextLeaseTurn
        if let end = sinkPause.end, !sinkPause.isOver() {
            next = min(next, end)
        } else if mayPublish {
            next = min(next, nextLook, nextParkedLook)
            if !hinted.isDisjoint(with: held.keys) { next = .now }
        }
        return next - .now
    }

    private func report(_ error: SinkError) async {
        let pause = sinkPause.failed(wanted: error.retryAfter ?? .zero)
        let metadata: Logger.Metadata = ["error": "\(error)", "pause_seconds": "\(pause.inSeconds)"]
        switch error.code {
        case .unavailable: logger.warning("the sink takes no events", metadata: metadata)
        case .foreignHistory:
            status.foundForeignHistory(true)
            logger.error("nothing is published until someone has decided", metadata: metadata)
        case .disabled:
            // If this cannot be written, the sink will say the same again.
            try? await register.disable(error.description)
            nextLeaseTurn = .now
        }
        stopTrustingMemory()
    }

    /// After a failure nobody knows how much of it was done: everything is looked at anew.
    private func stopTrustingMemory() {
        mustCompareMarks = true
        nextLook = .now
    }
}
