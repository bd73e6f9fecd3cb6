import Common
import TestSupport

/// How long it takes from a commit to a reader of the stream.
struct LatencyBench {
    let ground: BenchGround
    let plan: BenchPlan

    struct Latencies: Sendable {
        var p50: Duration
        var p99: Duration
        var longest: Duration
        /// Events a second that really were written.
        var rate: Double
    }

    func run() async throws -> Latencies {
        try await ground.withRelay {
            // Until it holds its shards and its first events have gone through.
            _ = try await EventLoad(ground: ground, rate: 200, seconds: 1).run(EventLoad.ours)
            try await until("the first events are published", within: .seconds(30)) { try await ground.length() == 200 }
            let seen = Locked<[String: ContinuousClock.Instant]>([:])
            return try await withThrowingTaskGroup(of: Void.self) { group in
                let ground = ground
                group.addTask { try await Self.read(ground, into: seen) }
                let start = ContinuousClock.now
                let committed = try await EventLoad(ground: ground, rate: plan.rate, seconds: plan.seconds)
                    .run(EventLoad.ours)
                let took = ContinuousClock.now - start
                try await until("the reader has all", within: .seconds(30)) {
                    let times = seen.withLock { $0 }
                    return committed.keys.allSatisfy { times[$0] != nil }
                }
                group.cancelAll()
                let times = seen.withLock { $0 }
                let waits = committed.compactMap { id, at in times[id].map { max(.zero, $0 - at) } }.sorted()
                guard waits.count == committed.count, !waits.isEmpty else { throw HarnessError("events were not seen") }
                return Latencies(
                    p50: waits[waits.count / 2], p99: waits[waits.count * 99 / 100], longest: waits[waits.count - 1],
                    rate: Double(committed.count) / took.inSeconds)
            }
        }
    }

    private static func read(
        _ ground: BenchGround, into seen: Locked<[String: ContinuousClock.Instant]>
    ) async throws {
        var last = "$"
        while !Task.isCancelled {
            let reply = try await ground.reading.send(
                RedisCommand(
                    "XREAD", "COUNT", 1000, "BLOCK", 200, "STREAMS", .text(BenchGround.stream), .text(last)),
                within: .seconds(5))
            let now = ContinuousClock.now
            let entries = reply.array?.first?.array?.last?.array ?? []
            let ids = entries.compactMap { $0.array?.last?.array?.dropFirst().first?.string }
            if let place = entries.last?.array?.first?.string { last = place }
            seen.withLock { for id in ids { $0[id] = now } }
        }
    }
}
