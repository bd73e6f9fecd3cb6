import Common
import TestSupport
import Testing

/// A Redis without memory takes nothing in, and lets everything out.
@Suite struct QueueFullRedisTests {
    @Test(arguments: [[], ["--rename-command", "FCALL", ""]])
    func aFullRedisIsDrainedToTheLastMessage(options: [String]) async throws {
        try await withQueue(options: options) { queue in
            _ = try await queue.send("CONFIG", "SET", "maxmemory", "4mb")
            var accepted: [String] = []
            var refusal: RedisError?
            for number in 1...2000 where refusal == nil {
                do throws(RedisError) {
                    let envelope = TestQueue.envelope("SM\(number)", from: "s\(number % 50)", bodyCount: 8000)
                    let answer = try await queue.accept(envelope)
                    guard case .accepted(_, nil) = answer else {
                        Issue.record("SM\(number) was \(answer)")
                        return
                    }
                    accepted.append("SM\(number)")
                } catch { refusal = error }
            }
            #expect(refusal?.isOutOfMemory == true)
            #expect(accepted.count > 100)
            #expect(
                try await queue.integer(RedisCommand("LLEN", "{wa:0}:in")) == accepted.count, "nothing else came in")
            let stats = try await queue.client.stats(shard: 0)
            #expect(stats.ingress == accepted.count)
            let done = try await queue.drain()
            #expect(done.sorted() == accepted.sorted())
            let again = try await queue.accept("SM9999", from: "ann")
            #expect(again == .accepted(waiting: 1))
        }
    }

    /// FUNCTION LOAD needs memory: a new worker comes to a full Redis after a failover, and drains it all the same.
    @Test func aFullRedisWithoutTheLibraryIsDrained() async throws {
        try await withQueue { queue in
            for number in 1...20 { try await queue.push("SM\(number)", from: "ann") }
            _ = try await queue.send("CONFIG", "SET", "maxmemory", "1")
            #expect(try await queue.drain() == (1...20).map { "SM\($0)" })
        }
    }
}
