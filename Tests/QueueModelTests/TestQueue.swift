import Common
import Logging
import QueueModel
import TestSupport

/// A queue on a Redis that keeps what it has said on disk.
func withQueue(
    _ body: (RedisServer, [RedisClient], QueueClient, QueueProducer) async throws -> Void
) async throws {
    let reactor = Reactor(name: "queue-model-tests")
    defer { reactor.stop() }
    // On the thread of the connections: a step takes no change of threads.
    try await withTaskExecutorPreference(reactor) { try await withQueue(on: reactor, body) }
}

private func withQueue(
    on reactor: Reactor,
    _ body: (RedisServer, [RedisClient], QueueClient, QueueProducer) async throws -> Void
) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    try await withRedis(options: [
        "--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-min-size", "1mb",
    ]) { server in
        let configuration = try RedisConfiguration(url: Secret(server.url))
        let redis = RedisClient(configuration, reactor: reactor, logger: logger)
        let waiting = RedisClient(configuration, reactor: reactor, logger: logger)
        try await withThrowingTaskGroup { group in
            group.addTask { await redis.run() }
            group.addTask { await waiting.run() }
            try await redis.ready(within: .seconds(5))
            try await waiting.ready(within: .seconds(5))
            let keys = QueueKeys(shards: 1)
            try await body(
                server, [redis, waiting],
                QueueClient(redis: redis, waiting: waiting, keys: keys, limits: DifferentialRun.limits),
                QueueProducer(redis: redis, keys: keys, limits: DifferentialRun.limits))
            group.cancelAll()
        }
    }
}
