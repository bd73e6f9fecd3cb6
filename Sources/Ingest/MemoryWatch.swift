import Common
import Logging
import ServiceLifecycle

/// Says whether Redis is nearly full, so that what it has accepted can be worked off before it refuses all writes.
///
/// Full is a server above 70 % of its maxmemory, until all are below 65 %; one without a limit never is.
final class MemoryWatch: Service, Sendable {
    private static let fullAbove = 0.70
    private static let roomBelow = 0.65
    private static let interval = Duration.seconds(1)

    private let redis: any RedisService
    private let logger: Logger
    private let verdict = Locked(false)

    init(redis: any RedisService, logger: Logger) {
        self.redis = redis
        self.logger = logger
    }

    var isFull: Bool { verdict.withLock { $0 } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.look()
                try? await Task.sleep(for: Self.interval)
            }
        }
        try await gracefulShutdown()
    }

    /// Without an answer the last one stands: what cannot be asked cannot be pushed to either.
    private func look() async {
        guard let replies = try? await redis.sendToEach(RedisCommand("INFO", "memory"), within: Self.interval) else {
            return
        }
        let share = replies.compactMap { Self.share(info: $0.string ?? "") }.max() ?? 0
        let wasFull = isFull
        let isFull = Self.isFull(share, before: wasFull)
        guard isFull != wasFull else { return }
        verdict.withLock { $0 = isFull }
        let percent: Logger.Metadata = ["used_percent": .stringConvertible(Int(min(share, 100) * 100))]
        if isFull {
            logger.error("redis is nearly full: messages are refused until workers have made room", metadata: percent)
        } else {
            logger.notice("redis has room again", metadata: percent)
        }
    }

    /// Whether a server that uses so much of its limit is to be left alone; `before` keeps it from changing all the time.
    static func isFull(_ share: Double, before: Bool) -> Bool { share > fullAbove || (before && share >= roomBelow) }

    /// How much of its limit a server uses; nil when it has none.
    static func share(info: String) -> Double? {
        guard let used = info.infoValue("used_memory").flatMap({ Double($0) }),
            let limit = info.infoValue("maxmemory").flatMap({ Double($0) }), limit > 0
        else { return nil }
        return used / limit
    }
}
