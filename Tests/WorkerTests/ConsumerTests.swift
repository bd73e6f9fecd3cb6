import Common
import Logging
import TestSupport
import Testing

@testable import Worker

/// The consumer against a real queue; only what is done with a message is the test's.
@Suite struct ConsumerTests {
    struct Bench {
        var redis: RedisClient
        var keys = QueueKeys(shards: 1)

        func push(_ sid: String, from sender: String) async throws {
            let envelope = Envelope(
                messageSID: sid, sender: sender, receivedAt: .now, correlationID: CorrelationID(), kind: .message,
                body: [])
            _ = try await redis.send(RedisCommand("RPUSH", .init(keys.ingress(0)), .init(envelope.encoded())))
        }

        func leasedUntil(_ sender: String) async throws -> Int? {
            try await redis.send(RedisCommand("ZSCORE", "{wa:0}:lease", .init(sender))).string.flatMap { Int($0) }
        }
    }

    func withConsumer(
        lease: Duration, budget: ConcurrencyBudget = ConcurrencyBudget(8),
        admit: @escaping @Sendable (Int) -> Int = { $0 },
        onDead: @escaping @Sendable () -> Void = {}, limits: QueueLimits = QueueLimits(),
        handle: @escaping Consumer.Handle, _ body: (Bench) async throws -> Void
    ) async throws {
        let reactor = Reactor(name: "test")
        defer { reactor.stop() }
        var limits = limits
        limits.lease = lease
        try await withRedis { server in
            let configuration = try RedisConfiguration(url: Secret(server.url))
            let redis = RedisClient(configuration, reactor: reactor, logger: Logger(label: "test"))
            let waiting = RedisClient(configuration, reactor: reactor, logger: Logger(label: "test"))
            let bench = Bench(redis: redis)
            let consumer = Consumer(
                queue: QueueClient(redis: redis, waiting: waiting, keys: bench.keys, limits: limits), shard: 0,
                budget: budget, grace: .seconds(1), reactor: reactor, logger: Logger(label: "test"), admit: admit,
                onDead: onDead, handle: handle)
            try await withThrowingTaskGroup { group in
                group.addTask { await redis.run() }
                group.addTask { await waiting.run() }
                try await redis.ready(within: .seconds(5))
                try await waiting.ready(within: .seconds(5))
                group.addTask { try await consumer.run() }
                try await body(bench)
                group.cancelAll()
            }
        }
    }

    /// A worker that lost a lease and took it again holds it under the new fence: the end of the first handling does
    /// not end the second's heartbeats.
    @Test(.timeLimit(.minutes(1)))
    func aSenderHeldAgainKeepsItsLease() async throws {
        let fences = Locked([Int64]())
        let first = Locked<CheckedContinuation<Void, Never>?>(nil)
        try await withConsumer(lease: .seconds(2)) { claim in
            if claim.sender != "ann" { return QueueSettlement(claim, done: 1, next: .ready, state: nil) }
            let number = fences.withLock { fences in
                fences.append(claim.fence)
                return fences.count
            }
            if number == 1 {
                // Outlives its lease, deaf to being cancelled, as a call into a frozen server is.
                await withCheckedContinuation { continuation in first.withLock { $0 = continuation } }
            } else {
                try? await Task.sleep(for: .seconds(3600))
            }
            return nil
        } _: { bench in
            defer { first.withLock { $0.take() }?.resume() }
            try await bench.push("SM1", from: "ann")
            try await until("it is held") { fences.withLock { $0.count } == 1 }
            // As if the worker had been frozen: its lease is over, and its own next turn reclaims it.
            _ = try await bench.redis.send(RedisCommand("ZADD", "{wa:0}:lease", "1", "ann"))
            try await bench.push("SM2", from: "bob")
            try await until("it is held again") { fences.withLock { $0.count } == 2 }
            let heldUntil = try #require(try await bench.leasedUntil("ann"))
            first.withLock { $0.take() }?.resume()
            try await until("heartbeats go on") {
                try await bench.leasedUntil("ann").map { $0 > heldUntil + 1200 } ?? false
            }
            let handled = fences.withLock { $0 }
            #expect(handled.count == 2)
            #expect(handled[0] < handled[1])
        }
    }

    /// Nothing is claimed while what handling needs is known to be down, and all of it afterwards.
    @Test(.timeLimit(.minutes(1)))
    func whatIsNotAdmittedStaysInTheQueue() async throws {
        let room = Locked(0)
        let asked = Locked(0)
        let handled = Locked([String]())
        try await withConsumer(lease: .seconds(5)) { wanted in
            asked.withLock { $0 += 1 }
            return min(wanted, room.withLock { $0 })
        } handle: { claim in
            handled.withLock { $0.append(claim.sender) }
            return QueueSettlement(claim, done: claim.messages.count, next: .ready, state: nil)
        } _: { bench in
            for sender in ["ann", "bob", "cat"] { try await bench.push("SM\(sender)", from: sender) }
            try await until("it has been asked twice") { asked.withLock { $0 } >= 2 }
            #expect(handled.withLock { $0.isEmpty })
            room.withLock { $0 = 1 }
            try await until("all are handled") { handled.withLock { $0.count } == 3 }
            #expect(handled.withLock { Set($0) } == ["ann", "bob", "cat"])
        }
    }

    /// No more senders at once than there are places, however many wait.
    @Test(.timeLimit(.minutes(1)))
    func theBudgetBoundsWhatIsHeld() async throws {
        let (inHand, most, done) = (Locked(0), Locked(0), Locked(0))
        try await withConsumer(lease: .seconds(5), budget: ConcurrencyBudget(2)) { claim in
            let now = inHand.withLock { count in
                count += 1
                return count
            }
            most.withLock { $0 = max($0, now) }
            try? await Task.sleep(for: .milliseconds(2))
            inHand.withLock { $0 -= 1 }
            done.withLock { $0 += 1 }
            return QueueSettlement(claim, done: claim.messages.count, next: .ready, state: nil)
        } _: { bench in
            for number in 0..<30 { try await bench.push("SM\(number)", from: "sender\(number)") }
            try await until("all are handled") { done.withLock { $0 } == 30 }
            #expect(most.withLock { $0 } == 2)
        }
    }

    /// A message that is given up on is told of, so that it is recorded at once.
    @Test(.timeLimit(.minutes(1)))
    func whatIsGivenUpOnIsToldOf() async throws {
        let told = Locked(0)
        var limits = QueueLimits()
        limits.deliveries = 2
        try await withConsumer(
            lease: .seconds(5), onDead: { told.withLock { $0 += 1 } }, limits: limits
        ) { claim in
            QueueSettlement(claim, done: 0, next: .retry(after: .milliseconds(1)), state: nil)
        } _: { bench in
            try await bench.push("SM1", from: "ann")
            try await until("it is told of") { told.withLock { $0 } == 1 }
            let dead = try await bench.redis.send(RedisCommand("LLEN", "{wa:0}:dead")).int
            #expect(dead == 1)
        }
    }
}
