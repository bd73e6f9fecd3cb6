import Common
import CoreMetrics
import Logging
import ServiceLifecycle

/// Finishes erasures: what names an erased person in Redis goes, and then what the database needed until then.
///
/// At start, whenever an erasure was committed, and every 15 seconds. Every worker does; what is done twice changes
/// nothing.
struct ErasureService: Service {
    let postgres: PostgresClient
    let remains: ErasureRemains
    let logger: Logger
    private let interval: Duration
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    /// How many are looked at in one round; the next round has the others.
    private static let atOnce = 100

    init(postgres: PostgresClient, remains: ErasureRemains, every interval: Duration = .seconds(15), logger: Logger) {
        self.postgres = postgres
        self.remains = remains
        self.logger = logger
        self.interval = interval
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Has it look soon; from any thread.
    var lookSoon: @Sendable () -> Void { { [wakeUp] in wakeUp.yield() } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await tick() }
                await work()
                group.cancelAll()
            }
        }
        try? await gracefulShutdown()
    }

    private func tick() async {
        while !Task.isCancelled {
            wakeUp.yield()
            try? await Task.sleep(for: interval)
        }
    }

    private func work() async {
        var isFailing = false
        for await _ in wakeUps {
            do {
                // What has just been committed waits for its reply, which takes a moment; then for the relay.
                var pause = Duration.milliseconds(100)
                while try await round() > 0, pause < .seconds(4), !Task.isCancelled {
                    try? await Task.sleep(for: pause)
                    pause = pause * 2
                }
                isFailing = false
            } catch {
                if !isFailing {
                    logger.warning("an erasure cannot be finished yet", metadata: ["cause": "\(error)"])
                }
                isFailing = true
            }
        }
    }

    /// Takes every open erasure as far as it can be taken, and tells how many are left open.
    func round(now: Timestamp = .now) async throws -> Int {
        let open = try await postgres.unit(OpenErasure.select(atMost: Self.atOnce, now: now)).rows
            .map { row throws(PostgresError) in try OpenErasure(row) }
        var left = 0
        for erasure in open where !Task.isCancelled {
            // The name of one from before there was a column is lost: what is said of it has a new one.
            let isFinished = try await withCorrelationID(erasure.correlationID ?? CorrelationID()) {
                try await advance(erasure, now: now)
            }
            if !isFinished { left += 1 }
        }
        Gauge(label: MetricName.erasuresOpen.rawValue).record(left)
        return left
    }

    /// Takes one erasure as far as it can be taken; whether that is to its end.
    private func advance(_ erasure: OpenErasure, now: Timestamp) async throws -> Bool {
        if let addresses = erasure.addresses {
            guard !erasure.isAwaitingReply else { return false }
            try await remains.clearQueue(of: erasure, addresses)
            FaultPoint.beforeCleaned.reached()
            try await postgres.unit(erasure.cleaning(at: now))
        }
        let relay = try await postgres.unit(erasure.isAwaitingRelay(now: now)).rows.first
        if let isAwaited: Bool = try relay?.column(0), isAwaited { return false }
        let removed = try await remains.clearStream(of: erasure)
        try await postgres.unit(erasure.finishing(at: now).named("erase_finish"))
        logger.info(
            "an erasure is finished",
            metadata: [
                "user_id": "\(erasure.user)", "message_sid": "\(erasure.messageSID)", "stream_entries": "\(removed)",
                "seconds": "\((now - erasure.erasedAt).components.seconds)",
            ])
        return true
    }
}
