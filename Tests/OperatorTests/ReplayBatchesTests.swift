import Common
import TestSupport
import Testing

@testable import Operator

@Suite struct ReplayBatchesTests {
    /// Above half of what a shard takes, a replay waits for the workers.
    @Test func aFullQueueIsNotFilledFurther() async throws {
        try await withQueueFixture { fixture in
            var limits = QueueLimits()
            limits.waiting = 20
            let queue = QueueClient(
                redis: fixture.client, waiting: fixture.client, keys: QueueKeys(shards: 1), limits: limits)
            let connected = ConnectedQueue(redis: fixture.client, queue: queue)
            for number in 0..<11 {
                _ = try await fixture.redis("RPUSH", "{wa:0}:in", .init(QueueFixture.envelope("SM\(number)")))
            }
            try await withThrowingTaskGroup { group in
                group.addTask {
                    var batches = ReplayBatches(connected)
                    for number in 100..<130 {
                        try await batches.add(QueueFixture.envelope("SM\(number)"), of: "whatsapp:+447700900123")
                    }
                    try await batches.flush()
                }
                try await until("it has looked more than once") {
                    let text = try await fixture.redis("INFO", "commandstats").string ?? ""
                    let calls = text.firstMatch(of: /cmdstat_fcall:calls=([0-9]+)/).flatMap { Int($0.1) } ?? 0
                    return calls >= 4
                }
                #expect(try await fixture.redis("LLEN", "{wa:0}:in").int == 11)
                _ = try await fixture.redis("DEL", "{wa:0}:in")
                try await group.waitForAll()
            }
            #expect(try await fixture.redis("LLEN", "{wa:0}:in").int == 30)
        }
    }
}
