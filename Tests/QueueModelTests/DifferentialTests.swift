import Common
import Logging
import QueueModel
import TestSupport
import Testing

extension QueueModelTests {
    /// The functions in a real Redis do what the model does, step by step, whatever comes.
    ///
    /// A failing walk tells its seed; `QUEUE_SEED=<seed>` walks it alone.
    @Suite struct DifferentialTests {
        static let stepsPerWalk = 250

        @Test func redisAndTheModelStayTheSame() async throws {
            let seed = environment("QUEUE_SEED").flatMap(UInt64.init)
            let seeds = seed.map { [$0] } ?? (0..<(isLong ? 4000 : 200)).map { _ in .random(in: 0..<1 << 40) }
            try await withQueue { server, clients, queue, producer in
                for seed in seeds {
                    var run = DifferentialRun(redis: clients[0], queue: queue, producer: producer, seed: seed)
                    do {
                        try await run.walk(steps: Self.stepsPerWalk) {
                            try await server.kill()
                            try await server.start()
                            for client in clients { try await client.ready(within: .seconds(20)) }
                        }
                    } catch {
                        Issue.record("QUEUE_SEED=\(seed): \(error)")
                        return
                    }
                }
            }
        }

        /// A queue on a Redis that keeps what it has said on disk.
        private func withQueue(
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
                        QueueProducer(redis: redis, keys: keys))
                    group.cancelAll()
                }
            }
        }
    }
}
