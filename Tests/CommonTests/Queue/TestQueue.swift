import Common
import Logging
import TestSupport

/// A queue of a test's own, on a Redis of its own.
struct TestQueue {
    var redis: RedisClient
    var client: QueueClient
    var producer: QueueProducer

    static func envelope(
        _ sid: String, from sender: String, kind: Envelope.Kind = .message, bodyCount: Int = 8,
        receivedAt: Timestamp = .now
    ) -> Envelope {
        Envelope(
            messageSID: sid, sender: sender, receivedAt: receivedAt, correlationID: CorrelationID(), kind: kind,
            body: [UInt8](repeating: UInt8(ascii: "x"), count: bodyCount))
    }

    func push(_ sid: String, from sender: String) async throws {
        try await producer.push(Self.envelope(sid, from: sender))
    }

    func accept(_ envelope: Envelope) async throws(RedisError) -> QueueAcceptance {
        let producer = producer
        return try await withCheckedContinuation { done in
            producer.accept(envelope) { done.resume(returning: $0) }
        }.get()
    }

    func accept(_ sid: String, from sender: String) async throws(RedisError) -> QueueAcceptance {
        try await accept(Self.envelope(sid, from: sender))
    }

    /// Has many messages of one sender accepted in one write: within a moment, however slow this machine is.
    func accept(_ numbers: ClosedRange<Int>, from sender: String) async throws -> [QueueAcceptance] {
        let producer = producer
        let answers = Locked<[Result<QueueAcceptance, RedisError>]>([])
        for number in numbers {
            producer.accept(Self.envelope("SM\(number)", from: sender)) { answer in
                answers.withLock { $0.append(answer) }
            }
        }
        try await until("all are answered") { answers.withLock { $0.count } == numbers.count }
        return try answers.withLock { $0 }.map { try $0.get() }
    }

    func claim(_ settlements: [QueueSettlement] = [], senders: Int = 8) async throws -> QueueClient.Turn {
        try await client.settleAndClaim(shard: 0, settlements, senders: senders)
    }

    func stats() async throws -> QueueStatistics { try await client.stats(shard: 0) }

    /// Works everything off, as a worker without a hitch would; gives back the SIDs in the order of their claims.
    func drain() async throws -> [String] {
        var done: [String] = []
        var settlements: [QueueSettlement] = []
        while true {
            let turn = try await claim(settlements)
            settlements = turn.claims.map { QueueSettlement($0, done: $0.messages.count, next: .ready, state: nil) }
            for claim in turn.claims { done += try sids(claim) }
            if turn.claims.isEmpty, try await stats().ingress == 0 { return done }
        }
    }

    func send(_ name: String, _ arguments: RedisArgument...) async throws -> RedisValue {
        try await redis.send(RedisCommand(name, arguments))
    }

    func integer(_ command: RedisCommand) async throws -> Int? { try await redis.send(command).int }

    /// What waits in the ingress, oldest first.
    func ingress() async throws -> [Envelope] {
        let entries = try await send("LRANGE", "{wa:0}:in", 0, -1).array ?? []
        return try entries.compactMap(\.payload).map { try Envelope(decoding: $0) }
    }
}

func sids(_ claim: QueueClaim) throws -> [String] {
    try claim.messages.map { try Envelope(decoding: $0).messageSID }
}

/// Lets `body` use a queue that ends with the scope; `options` are the server's.
func withQueue(
    _ limits: QueueLimits = QueueLimits(), options: [String] = [], _ body: (TestQueue) async throws -> Void
) async throws {
    try await withRedis(options: ["--appendonly", "no"] + options) { server in
        try await withClient(server.configuration) { redis in
            try await withClient(server.configuration) { waiting in
                try await redis.ready(within: .seconds(5))
                try await waiting.ready(within: .seconds(5))
                let keys = QueueKeys(shards: 1)
                try await body(
                    TestQueue(
                        redis: redis,
                        client: QueueClient(redis: redis, waiting: waiting, keys: keys, limits: limits),
                        producer: QueueProducer(redis: redis, keys: keys, limits: limits)))
            }
        }
    }
}
