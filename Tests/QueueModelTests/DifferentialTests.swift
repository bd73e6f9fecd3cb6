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
    }
}
