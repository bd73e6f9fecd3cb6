import CoreMetrics
package import Logging
import ServiceLifecycle

/// Ends the process when Redis is set up to throw messages away, and says so when a crash of it would lose some.
///
/// It waits for Redis like everybody. INFO is all it needs, since managed servers have no CONFIG.
package struct RedisPolicyCheck: Service {
    private static let limit = Duration.seconds(2)
    private static let pause = Duration.seconds(1)

    private let redis: any RedisService
    private let logger: Logger

    package init(redis: any RedisService, logger: Logger) {
        self.redis = redis
        self.logger = logger
    }

    package func run() async throws {
        let found = await cancelWhenGracefulShutdown { await policies() }
        try judge(found)
        try await gracefulShutdown()
    }

    /// One for each server; none when they may not be asked, or the task is cancelled.
    private func policies() async -> [RedisPolicy] {
        while !Task.isCancelled {
            do throws(RedisError) {
                try await redis.ready(within: Self.limit)
                let memory = try await redis.sendToEach(RedisCommand("INFO", "memory"), within: Self.limit)
                let persistence = try await redis.sendToEach(RedisCommand("INFO", "persistence"), within: Self.limit)
                return (memory + persistence).map { RedisPolicy(info: $0.string ?? "") }
            } catch  where error.serverPrefix == "NOPERM" {
                logger.warning(
                    "redis does not say how it evicts; its maxmemory-policy must be noeviction",
                    metadata: ["cause": "\(error)"])
                return []
            } catch {
                // Why it cannot be reached is the client's to say.
                try? await Task.sleep(for: Self.pause)
            }
        }
        return []
    }

    private func judge(_ policies: [RedisPolicy]) throws(RedisPolicyError) {
        if let policy = policies.first(where: \.losesMessages) {
            throw RedisPolicyError(eviction: policy.eviction ?? "")
        }
        let logs = policies.compactMap(\.isAppendOnly)
        guard !logs.isEmpty else { return }
        let isAppendOnly = logs.allSatisfy { $0 }
        Meter(label: MetricName.redisAppendOnly.rawValue).set(isAppendOnly ? 1 : 0)
        if !isAppendOnly {
            logger.warning(
                "redis keeps no log of its writes: when it ends it loses messages that were accepted; set appendonly yes"
            )
        }
    }
}

/// Redis would throw messages away to make room.
package struct RedisPolicyError: Error, CustomStringConvertible {
    package let eviction: String
    package var description: String {
        "redis' maxmemory-policy is \(eviction), with which it throws queued messages away when it is full: "
            + "set it to noeviction"
    }
}
