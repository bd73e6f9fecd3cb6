import Common
import Logging
import TestSupport
import Testing

@testable import Worker

/// The rate that all workers share, in a real Redis.
@Suite(.serialized) struct SendAllowanceTests {
    /// Workers with connections of their own.
    private func withWorkers(
        _ count: Int, rate: Int, _ redis: RedisServer, _ body: ([SendAllowance]) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let reactor = Reactor(name: "workers")
        defer { reactor.stop() }
        let configuration = try RedisConfiguration(url: Secret(redis.url))
        let clients = (0..<count).map { _ in RedisClient(configuration, reactor: reactor, logger: logger) }
        try await withThrowingTaskGroup { group in
            for client in clients { group.addTask { await client.run() } }
            for client in clients { try await client.ready(within: .seconds(5)) }
            let workers = clients.map { SendAllowance(redis: $0, rate: rate, reactor: reactor, logger: logger) }
            let result: Result<Void, any Error>
            do { result = .success(try await body(workers)) } catch { result = .failure(error) }
            group.cancelAll()
            try result.get()
        }
    }

    /// When each of `count` messages may go, or nil; asked for by all in one turn of the worker's reactor.
    private func take(_ count: Int, _ worker: SendAllowance) async -> [ContinuousClock.Instant?] {
        await withTaskExecutorPreference(worker.reactor) {
            await withTaskGroup { group in
                for _ in 0..<count { group.addTask { await worker.take() == .go ? ContinuousClock.now : nil } }
                var times: [ContinuousClock.Instant?] = []
                for await time in group { times.append(time) }
                return times
            }
        }
    }

    @Test func workersTogetherKeepToTheRate() async throws {
        try await withRedis { redis in
            try await withWorkers(3, rate: 100, redis) { workers in
                let times = await withTaskGroup { group in
                    for worker in workers { group.addTask { await take(60, worker) } }
                    var all: [ContinuousClock.Instant?] = []
                    for await times in group { all += times }
                    return all
                }
                let sent = times.compactMap { $0 }.sorted()
                #expect(sent.count == 180, "all fit into two seconds")
                // A tenth of a second's worth at once, then one every 10 ms; a loaded machine lets some of them go together.
                for start in sent.indices {
                    let within = sent[start...].prefix { $0 - sent[start] <= .milliseconds(470) }.count
                    #expect(within <= 10 + 50 + 20, "\(within) in half a second")
                }
                let span = sent[179] - sent[0]
                #expect(span >= .milliseconds(1650) && span < .milliseconds(4000), "\(span)")
                let calls = try await calls(redis)
                #expect(calls == 3, "those of a turn ask together: \(calls)")
                let ttl = try await command(redis, "PTTL", .init(SendAllowance.key)).int ?? 0
                #expect((1...4000).contains(ttl), "the bucket goes by itself")
            }
        }
    }

    @Test func whoWouldWaitTooLongIsToldWhenToComeBack() async throws {
        try await withRedis { redis in
            try await withWorkers(1, rate: 10, redis) { workers in
                let answers = await withTaskGroup { group in
                    for _ in 0..<40 { group.addTask { await workers[0].take() } }
                    return await group.reduce(into: [SendAllowance.Answer]()) { $0.append($1) }
                }
                // One that the rest has saved, one at once, and what fits into two seconds.
                #expect((22...24).contains(answers.count { $0 == .go }))
                for case .later(let pause) in answers {
                    #expect(pause > .milliseconds(1000) && pause < .milliseconds(4100), "\(pause)")
                }
            }
        }
    }

    @Test func tooManyRequestsSlowsAllWorkersDownForAWhile() async throws {
        try await withRedis { redis in
            try await withWorkers(2, rate: 1000, redis) { workers in
                _ = await take(1, workers[0])
                await workers[0].slowDown(pause: nil)
                await workers[1].slowDown(pause: nil)
                try await until("both are in") { try await calls(redis) >= 3 }
                // Halved once: two refusals in one second are one sign.
                let halved = try await share(redis)
                #expect((500...560).contains(halved), "\(halved)")
                try await until("a twentieth comes back each second", within: .seconds(5)) {
                    try await share(redis) >= halved + 50
                }
                for _ in 0..<10 {
                    try await command(redis, "HDEL", .init(SendAllowance.key), "halved")
                    let before = try await calls(redis)
                    await workers[0].slowDown(pause: nil)
                    try await until("it is in") { try await calls(redis) > before }
                }
                let least = try await share(redis)
                #expect((62...120).contains(least), "a sixteenth at least: \(least)")
                let ttl = try await command(redis, "PTTL", .init(SendAllowance.key)).int ?? 0
                #expect((17_000...20_000).contains(ttl), "until all has come back")
            }
        }
    }

    @Test func aRetryAfterStopsAllWorkers() async throws {
        try await withRedis { redis in
            try await withWorkers(2, rate: 1000, redis) { workers in
                await workers[0].slowDown(pause: .seconds(5))
                try await until("it is in") { try await calls(redis) >= 1 }
                for worker in workers {
                    guard case .later(let pause) = await worker.take() else {
                        Issue.record("nothing is sent")
                        return
                    }
                    #expect(pause > .seconds(4) && pause <= .seconds(5), "\(pause)")
                }
                // A pause beyond reason, as after a jump of the clock, is cut.
                try await command(redis, "HSET", .init(SendAllowance.key), "paused", "99999999999999999")
                guard case .later(let pause) = await workers[1].take() else {
                    Issue.record("nothing is sent")
                    return
                }
                #expect(pause <= .seconds(600))
            }
        }
    }

    @Test func withoutRedisAWorkerKeepsToAnEighth() async throws {
        try await withRedis { redis in
            try await withWorkers(1, rate: 80, redis) { workers in
                _ = await take(1, workers[0])
                try await redis.kill()
                let asked = ContinuousClock.now
                let sent = await take(30, workers[0]).compactMap { $0 }.sorted()
                // 10 a second during two seconds, and the first at once.
                #expect((20...23).contains(sent.count), "\(sent.count)")
                #expect(sent[sent.count - 1] - asked < .milliseconds(3200))
                try await redis.start()
                try await until("Redis is asked again") {
                    let answer = await workers[0].take()
                    let exists = try await command(redis, "EXISTS", .init(SendAllowance.key)).int
                    return answer == .go && exists == 1
                }
            }
        }
    }

    /// Not a limit, a figure: what asking costs.
    @Test func figures() async throws {
        try await withRedis { redis in
            try await withWorkers(1, rate: 10_000, redis) { workers in
                let started = ContinuousClock.now
                var given = 0
                for _ in 0..<100 {
                    given += await take(32, workers[0]).count
                    try await command(redis, "DEL", .init(SendAllowance.key))
                }
                print("32 at a time: \(given) in \(ContinuousClock.now - started)")
                let singles = ContinuousClock.now
                for _ in 0..<500 { _ = await workers[0].take() }
                print("one at a time: 500 in \(ContinuousClock.now - singles)")
            }
        }
    }

    // MARK: -

    @discardableResult
    private func command(
        _ redis: RedisServer, _ name: String, _ arguments: RedisArgument...
    ) async throws -> RedisValue {
        let reactor = Reactor(name: "command")
        defer { reactor.stop() }
        let client = RedisClient(
            try RedisConfiguration(url: Secret(redis.url)), reactor: reactor, logger: Logger(label: "test"))
        return try await withThrowingTaskGroup { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            try await client.ready(within: .seconds(5))
            return try await client.send(RedisCommand(name, arguments))
        }
    }

    /// How often functions were called, apart from asking for the revision.
    private func calls(_ redis: RedisServer) async throws -> Int {
        let text = try await command(redis, "INFO", "commandstats").string ?? ""
        let line = text.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_hset:") }
        return line?.split(separator: "=")[1].split(separator: ",").first.flatMap { Int($0) } ?? 0
    }

    /// The share of the rate in thousandths, as a caller is told.
    private func share(_ redis: RedisServer) async throws -> Int {
        try await command(redis, "FCALL", "wa_send_take", 1, .init(SendAllowance.key), 1000, 0, 0).array?[3].int ?? 0
    }
}
