import Common
import Logging

/// Says, once a minute at most, that messages are accepted without the limits that a function of Redis enforces.
final class PlainPushLog: Sendable {
    private static let interval = Duration.seconds(60)

    private let logger: Logger
    private let last = Locked<ContinuousClock.Instant?>(nil)

    init(_ logger: Logger) { self.logger = logger }

    func note(_ cause: RedisError) {
        let now = ContinuousClock.now
        let isDue = last.withLock { last in
            if let last, now - last < Self.interval { return false }
            last = now
            return true
        }
        guard isDue else { return }
        logger.warning(
            "redis does not run our functions: messages are accepted without allowance or limit",
            metadata: ["cause": "\(cause)"])
    }
}
