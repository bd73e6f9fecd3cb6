import Glibc
import TestSupport
import Testing

@testable import Common

/// The queue over a cluster: what was accepted is delivered once and in order, whatever becomes of a node.
@Suite(.timeLimit(.minutes(3))) struct QueueClusterTests {
    private static let shards = 64
    private static let senders = (0..<200).map { "whatsapp:+4477009\(10_000 + $0)" }
    private static let before = 4
    private static let after = 4

    /// What Postgres does in the product: the fence and the MessageSid make effects exact.
    private struct Ledger {
        var fences: [String: Int64] = [:]
        var effects: [String: [String]] = [:]
        var deliveries = 0

        mutating func take(_ claim: QueueClaim) throws -> Bool {
            guard claim.fence >= fences[claim.sender] ?? 0 else { return false }
            fences[claim.sender] = claim.fence
            for message in claim.messages {
                let sid = try Envelope(decoding: message).messageSID
                deliveries += 1
                if effects[claim.sender]?.contains(sid) != true { effects[claim.sender, default: []].append(sid) }
            }
            return true
        }
    }

    @Test func aMasterDiesAndNothingThatWasAcceptedIsLost() async throws {
        try await withRedisCluster { cluster in
            try await withRouter(try cluster.configuration(enteringBy: 1)) { router, _ in
                try await router.ready(within: .seconds(10))
                let waiting = router.sibling()
                try await running(waiting) {
                    let keys = QueueKeys(shards: Self.shards)
                    var limits = QueueLimits()
                    limits.lease = .seconds(2)
                    let queue = QueueClient(redis: router, waiting: waiting, keys: keys, limits: limits)
                    let producer = QueueProducer(redis: router, keys: keys)
                    let ledger = Locked(Ledger())

                    // Redis acknowledges before it replicates: what counts as accepted is at the replica too.
                    try await push(0..<Self.before, producer)
                    try await cluster.replicated()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        let isDone = Locked(false)
                        for worker in 0..<8 {
                            group.addTask { try await Self.consume(queue, worker, ledger, isDone) }
                        }
                        try await until("work is under way") { ledger.withLock { $0.deliveries } > 100 }
                        try await cluster.nodes[2].kill()
                        // Every push is repeated until it is acknowledged, by a master that will live.
                        try await push(Self.before..<(Self.before + Self.after), producer)
                        try await until("everything has had its effect", within: .seconds(60)) {
                            ledger.withLock { $0.effects.values.reduce(0) { $0 + $1.count } }
                                == Self.senders.count * (Self.before + Self.after)
                        }
                        isDone.withLock { $0 = true }
                        try await group.waitForAll()
                    }
                    for sender in Self.senders {
                        let expected = (0..<(Self.before + Self.after)).map { "\(sender)/\($0)" }
                        #expect(ledger.withLock { $0.effects[sender] } == expected)
                    }
                    let used = Set(
                        Self.senders.map { keys.shard(of: $0) }.map { cluster.owner(of: RedisSlot.of("wa:\($0)".utf8)) }
                    )
                    #expect(used == [0, 1, 2], "every master had shards")
                }
            }
        }
    }

    /// Each sender's messages one after the other, all senders at once.
    private func push(_ numbers: Range<Int>, _ producer: QueueProducer) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in Self.senders {
                group.addTask {
                    for number in numbers {
                        let envelope = Envelope(
                            messageSID: "\(sender)/\(number)", sender: sender, receivedAt: .now,
                            correlationID: CorrelationID(), kind: .message, body: Array("Body=x".utf8))
                        try await until("\(number) is accepted", within: .seconds(60)) {
                            let result = await withCheckedContinuation { done in
                                producer.push(envelope) { done.resume(returning: $0) }
                            }
                            if case .success = result { return true }
                            return false
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Goes round an eighth of the shards.
    private static func consume(
        _ queue: QueueClient, _ worker: Int, _ ledger: Locked<Ledger>, _ isDone: Locked<Bool>
    ) async throws {
        var settlements: [Int: [QueueSettlement]] = [:]
        while !isDone.withLock({ $0 }) {
            for shard in stride(from: worker, to: shards, by: 8) {
                // One that failed may have been executed: its fence sees to it that a repetition changes nothing.
                guard let turn = try? await queue.settleAndClaim(shard: shard, settlements[shard] ?? [], senders: 8)
                else { continue }
                settlements[shard] = []
                for claim in turn.claims where try ledger.withLock({ try $0.take(claim) }) {
                    settlements[shard, default: []].append(
                        QueueSettlement(claim, done: claim.messages.count, next: .ready, state: nil))
                }
            }
        }
    }
}
