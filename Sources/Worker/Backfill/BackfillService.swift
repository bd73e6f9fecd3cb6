package import Common
package import Logging
import ServiceLifecycle

/// Reads the provider's list on start, when another Redis runs than before, and now and then.
///
/// It closes the one window in which an accepted message can be lost: a Redis that lost its last second. And it
/// finds what came while ingest was down. One worker reads at a time; its failures are logged and never end the
/// process.
package struct BackfillService: Service {
    /// How many messages of a round are told of one by one.
    private static let noted = 50

    private let redis: any RedisService
    private let queue: BackfillQueue
    private let lease: BackfillLease
    private let round: BackfillRound
    private let addresses: Set<String>
    private let interval: Duration
    private let limits: BackfillLimits
    private let logger: Logger
    private let clock: @Sendable () -> Timestamp

    package init(
        redis: any RedisService, queue: BackfillQueue, lease: BackfillLease, round: BackfillRound,
        addresses: Set<String>,
        interval: Duration, limits: BackfillLimits, logger: Logger,
        clock: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.redis = redis
        self.queue = queue
        self.lease = lease
        self.round = round
        self.addresses = addresses
        self.interval = interval
        self.limits = limits
        self.logger = logger
        self.clock = clock
    }

    /// Why a round takes place.
    enum Reason: String, Sendable {
        case start
        case redisChanged = "another Redis"
        /// Some time after one of the above, for what was too young then.
        case followUp = "follow-up"
        case schedule

        /// Whether another worker's round of late makes this one unnecessary.
        var isRoutine: Bool { self == .schedule }
    }

    /// How a round ended.
    enum Outcome: Sendable {
        case done(young: Int)
        /// Somebody else reads, or has just read.
        case notOurs
        /// The queue is behind.
        case postponed
        case failed
    }

    /// Runs until graceful shutdown, which ends a round at once: what it has not done is the next one's.
    package func run() async throws {
        BackfillMetrics.begin()
        await cancelWhenGracefulShutdown { await watch() }
    }

    private func watch() async {
        let pushed = PushedMessages()
        var reason = Reason.start
        var failures = 0
        try? await redis.ready(within: .seconds(10))
        var runID = await redis.serverRunID
        while !Task.isCancelled {
            if reason == .redisChanged { pushed.clear() }
            // What a round says and asks has an id of its own; what it pushes has another each.
            let outcome = await withCorrelationID(CorrelationID()) { await attempt(reason, pushed) }
            if Task.isCancelled { return }
            if case .failed = outcome { failures += 1 } else { failures = 0 }
            let next = Self.next(after: outcome, reason, failures: failures, interval: interval, limits: limits)
            reason = next.reason
            if await redisChanges(from: &runID, within: next.pause) { reason = .redisChanged }
        }
    }

    /// When the next round is due, and why.
    static func next(
        after outcome: Outcome, _ reason: Reason, failures: Int, interval: Duration, limits: BackfillLimits
    ) -> (reason: Reason, pause: Duration) {
        func jittered(_ pause: Duration) -> Duration { pause * Double.random(in: 0.9...1.1) }
        switch outcome {
        case .done(let young) where young > 0 && reason != .schedule && reason != .followUp:
            return (.followUp, limits.delay + .seconds(1))
        case .done: return (.schedule, jittered(interval))
        case .notOurs where reason.isRoutine: return (.schedule, jittered(interval))
        case .notOurs: return (reason, jittered(.seconds(3)))
        case .postponed: return (reason, jittered(.seconds(30)))
        case .failed:
            let backoff = Backoff(base: .seconds(4), cap: .seconds(300)).delay(attempt: failures)
            return (reason, max(.seconds(1), min(backoff, interval)))
        }
    }

    /// Waits, looking once a second whether another Redis runs.
    private func redisChanges(from runID: inout String?, within pause: Duration) async -> Bool {
        let end = ContinuousClock.now + pause
        while true {
            if let now = await redis.serverRunID, now != runID {
                let isChange = runID != nil
                runID = now
                if isChange { return true }
            }
            let left = end - .now
            guard left > .zero, (try? await Task.sleep(for: min(left, .seconds(1)))) != nil else { return false }
        }
    }

    // MARK: One round

    private func attempt(_ reason: Reason, _ pushed: PushedMessages) async -> Outcome {
        do {
            switch try await lease.take(unlessReadWithin: reason.isRoutine ? interval * 0.8 : .zero) {
            case .recent: return .notOurs
            case .held(let owner, _):
                logger.debug("another worker reads the provider's list", metadata: ["owner": "\(owner)"])
                return .notOurs
            case .taken(let readUntil, true):
                await lease.release()
                logger.notice(
                    "backfill begins here: messages from before this first start are not looked for",
                    metadata: ["read_until": "\(readUntil.rfc3339)"])
                return .done(young: 0)
            case .taken(let readUntil, false):
                return try await lease.held { try await read(since: readUntil, reason, pushed) }
            }
        } catch is CancellationError {
            return .failed
        } catch {
            guard !Task.isCancelled else { return .failed }
            logger.warning(
                "backfill failed: what may be missing is looked for again soon",
                metadata: ["cause": "\(error)", "reason": "\(reason.rawValue)"])
            return .failed
        }
    }

    private func read(
        since watermark: Timestamp, _ reason: Reason, _ pushed: PushedMessages
    ) async throws -> Outcome {
        let depth = try await queue.depth()
        guard depth <= limits.ingress else {
            logger.info(
                "backfill waits: the queue is behind, and may hold what seems to be missing",
                metadata: ["queued": "\(depth)"])
            return .postponed
        }
        let started = ContinuousClock.now
        let plan = BackfillPlan(watermark: watermark, now: clock(), addresses: addresses, limits: limits)
        let summary = try await round.run(plan, pushed)
        let readUntil = plan.watermark(newest: summary.newest, oldestOpen: summary.oldestOpen, limits: limits)
        guard try await lease.advance(to: readUntil) else { throw BackfillError.leaseLost }
        let metadata: Logger.Metadata = [
            "reason": "\(reason.rawValue)", "listed": "\(summary.listed)", "pushed": "\(summary.pushed)",
            "waiting": "\(summary.waiting)", "young": "\(summary.young)", "read_until": "\(readUntil.rfc3339)",
            "milliseconds": "\((ContinuousClock.now - started).wholeMilliseconds)",
        ]
        if summary.unreadable > 0 {
            logger.error(
                "the provider's list has messages that cannot be read: they are left out",
                metadata: ["unreadable": "\(summary.unreadable)"])
        }
        for missing in summary.missing.prefix(Self.noted) {
            guard let id = missing.correlationID else { continue }
            logger.info(
                "a message was missing: it is in the queue now",
                metadata: ["message_sid": "\(missing.message.sid)", "correlation_id": "\(id)"])
        }
        if summary.pushed > 0 {
            logger.warning("messages were missing: they are in the queue now", metadata: metadata)
        } else {
            logger.debug("nothing is missing", metadata: metadata)
        }
        return .done(young: summary.young)
    }
}
