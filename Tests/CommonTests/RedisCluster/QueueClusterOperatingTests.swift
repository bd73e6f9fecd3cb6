import TestSupport
import Testing

@testable import Common

/// What is asked of every node of a cluster, and what only the node of a shard can tell.
@Suite(.timeLimit(.minutes(3))) struct QueueClusterOperatingTests {
    @Test func everyMasterIsAskedAndEveryShardCanBeMended() async throws {
        try await withRedisCluster { cluster in
            try await withRouter(try cluster.configuration()) { router, _ in
                try await router.ready(within: .seconds(10))
                let info = try await router.sendToEach(RedisCommand("INFO", "server"), within: .seconds(5))
                let ids = Set(info.compactMap { $0.string?.infoValue("run_id") })
                #expect(ids.count == 3)

                let keys = QueueKeys(shards: 64)
                let queue = QueueClient(redis: router, waiting: router, keys: keys, limits: QueueLimits())
                let producer = QueueProducer(redis: router, keys: keys)
                for number in 0..<200 {
                    let envelope = Envelope(
                        messageSID: "SM\(number)", sender: "s\(number)", receivedAt: .now,
                        correlationID: CorrelationID(), kind: .message, body: [])
                    let answer = try await withCheckedContinuation { done in
                        producer.accept(envelope) { done.resume(returning: $0) }
                    }.get()
                    guard case .accepted(_, nil) = answer else {
                        Issue.record("SM\(number) was \(answer)")
                        return
                    }
                }
                var held = 0
                var mended = 0
                for shard in 0..<64 {
                    let turn = try await queue.settleAndClaim(shard: shard, [], senders: 1)
                    // Everybody's turn is lost, and nobody knows whose it was but their own lists.
                    _ = try await router.send(RedisCommand("DEL", .init(keys.prefix(shard) + "ready")))
                    let stats = try await queue.stats(shard: shard)
                    held += stats.held
                    let repairs = try await queue.repair(shard: shard)
                    mended += repairs.unplaced
                    #expect(repairs.total == repairs.unplaced)
                    let ready = try await queue.stats(shard: shard).ready
                    #expect(ready + turn.claims.count == stats.held)
                }
                #expect(held == 200)
                #expect(mended > 100)
            }
        }
    }
}
