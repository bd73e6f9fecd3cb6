import Common
import CoreMetrics
import Logging

/// When a message may be sent, so that all workers together keep to `TWILIO_MAX_MESSAGES_PER_SECOND`.
///
/// The rate is kept in Redis (`wa_send_v1.lua`), as slots in time. Those who ask in one turn of the reactor are asked for
/// in one call; calls do not wait for each other. Slots are given in the order of asking. Twilio's 429 halves the rate of
/// all workers, to a sixteenth at least, and 5 % of it come back every second; its `Retry-After` stops all of them.
///
/// Without Redis each worker keeps to an eighth of the rate by itself: eight workers then still keep it, more do not.
/// That is short, because without Redis nothing new is claimed.
actor SendAllowance {
    /// How long a message waits in memory for its slot; beyond, its sender is parked.
    static let longestWait = Duration.seconds(2)
    /// The share of the rate that a worker takes to be its own when Redis cannot be asked.
    static let ownShare = 1.0 / 8
    static let key = "{wa:send}:bucket"

    /// Whether a message may go now.
    enum Answer: Hashable, Sendable {
        case go
        /// Not soon: ask again after this long.
        case later(Duration)
    }

    private enum Slot: Sendable {
        case given(ContinuousClock.Instant)
        case refused(for: Duration)
    }

    nonisolated let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let library: RedisFunctionLibrary
    private let rate: Int
    private let logger: Logger
    private var asking: [CheckedContinuation<Slot, Never>] = []
    private var own: SlotSchedule
    private var isOnItsOwn = false
    private var pausedUntil: ContinuousClock.Instant?
    private let waited = Timer(label: MetricName.sendWait.rawValue)

    /// `rate` is `TWILIO_MAX_MESSAGES_PER_SECOND`.
    init(redis: any RedisService, rate: Int, reactor: Reactor, logger: Logger) {
        library = RedisFunctionLibrary(
            redis: redis,
            source: RedisFunctionSource(PackageResources.wa_send_v1_lua, revisionFunction: "wa_send_revision"),
            limit: .milliseconds(500))
        self.rate = rate
        self.reactor = reactor
        self.logger = logger
        own = SlotSchedule(perSecond: Double(rate) * Self.ownShare)
    }

    /// Waits for the next slot, `longestWait` and the half second that Redis may take at most.
    func take() async -> Answer {
        let asked = ContinuousClock.now
        let slot = await withCheckedContinuation { continuation in
            if asking.isEmpty { reactor.beforeSleep { self.assumeIsolated { $0.ask() } } }
            asking.append(continuation)
        }
        switch slot {
        case .refused(let pause): return .later(pause)
        case .given(let start):
            let wait = start - .now
            if wait > .zero {
                await withCheckedContinuation { continuation in reactor.after(wait) { continuation.resume() } }
            }
            // Someone else's 429 meanwhile holds for this one too.
            if let pausedUntil, pausedUntil > .now { return .later(pausedUntil - .now) }
            waited.record(duration: .now - asked)
            return .go
        }
    }

    /// Twilio has said that it was too much; all workers send less for a while, and nothing during `pause`.
    func slowDown(pause: Duration?) {
        let pause = min(pause ?? .zero, SendOutcome.longestRetryAfter)
        if pause > .zero { pausedUntil = max(pausedUntil ?? .now, .now + pause) }
        library.submit("wa_send_slow", keys: [Self.key], [.integer(Int(pause.wholeMicroseconds))]) { result in
            self.assumeIsolated { $0.slowed(result) }
        }
    }

    // MARK: -

    private func ask() {
        let batch = asking
        asking = []
        library.submit(
            "wa_send_take", keys: [Self.key],
            [.integer(rate), .integer(batch.count), .integer(Int(Self.longestWait.wholeMicroseconds))]
        ) { result in
            self.assumeIsolated { $0.distribute(result, to: batch) }
        }
    }

    private func distribute(_ result: Result<RedisValue, RedisError>, to batch: [CheckedContinuation<Slot, Never>]) {
        let now = ContinuousClock.now
        let (given, first, interval) = slots(result, wanted: batch.count, now)
        for (index, continuation) in batch.enumerated() {
            let start = first + interval * index
            continuation.resume(
                returning: index < given ? .given(start) : .refused(for: max(start - now, .milliseconds(100))))
        }
    }

    private func slots(
        _ result: Result<RedisValue, RedisError>, wanted: Int, _ now: ContinuousClock.Instant
    ) -> (given: Int, first: ContinuousClock.Instant, interval: Duration) {
        switch result.map({ $0.array?.compactMap(\.int) ?? [] }) {
        case .success(let numbers) where numbers.count == 4:
            if isOnItsOwn { logger.notice("the shared rate of sending is back") }
            isOnItsOwn = false
            return (numbers[0], now + .microseconds(numbers[1]), .microseconds(numbers[2]))
        case .success: return alone(wanted, cause: "an answer in another form than this release reads", now)
        case .failure(let error): return alone(wanted, cause: error.description, now)
        }
    }

    private func alone(
        _ wanted: Int, cause: String, _ now: ContinuousClock.Instant
    ) -> (given: Int, first: ContinuousClock.Instant, interval: Duration) {
        if !isOnItsOwn {
            logger.warning(
                "the shared rate of sending cannot be asked for: this worker keeps to an eighth of it",
                metadata: ["cause": "\(cause)"])
        }
        isOnItsOwn = true
        let (given, first) = own.take(wanted, within: Self.longestWait, now)
        return (given, first, own.interval)
    }

    private func slowed(_ result: Result<RedisValue, RedisError>) {
        switch result {
        case .success(let share):
            logger.warning(
                "Twilio says that it is too much: all workers send less for a while",
                metadata: ["percent": "\((share.int ?? 0) / 10)"])
        case .failure(let error):
            logger.warning("the rate of sending could not be lowered", metadata: ["cause": "\(error)"])
        }
    }
}
