#if Kafka
import Common
import TestSupport
import Testing

@testable import Relay

@Suite struct KafkaDeliveryTests {
    /// Whatever a broker does, an event leaves when the one before it of its key was delivered, and not otherwise.
    @Test(arguments: (0..<20).map { _ in UInt64.random(in: 0...UInt64.max) })
    func nothingOfAKeyOvertakesWhatFailed(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let batches = KafkaEvents.batches(count: Int.random(in: 1...400, using: &random), using: &random)
        let all = batches.flatMap(\.events)
        var delivery = KafkaDelivery(batches)
        let failsAfter = Bool.random(using: &random) ? Int.random(in: 0...600, using: &random) : .max
        let poison = Set(
            all.map(\.sequence).filter { _ in Int.random(in: 0..<20, using: &random) == 0 })
        var underWay: [Int] = []
        var tried: [String: [Int64]] = [:]
        var delivered: Set<Int64> = []
        var steps = 0
        while !delivery.isOver, steps < 10_000 {
            steps += 1
            while Int.random(in: 0..<4, using: &random) > 0, let index = delivery.next() {
                let event = delivery.event(index)
                #expect(!underWay.contains { delivery.event($0).orderingKey == event.orderingKey }, "seed \(seed)")
                let before = all.filter {
                    $0.orderingKey == event.orderingKey && $0.sequence < event.sequence
                }
                #expect(before.allSatisfy { delivered.contains($0.sequence) }, "seed \(seed)")
                tried[event.orderingKey, default: []].append(event.sequence)
                underWay.append(index)
            }
            #expect(underWay.count <= KafkaDelivery.limit)
            guard !underWay.isEmpty else { continue }
            // As a broker that refuses a request for one record in it.
            let size = Int.random(in: 1...underWay.count, using: &random)
            let request = Array(underWay.prefix(size))
            underWay.removeFirst(size)
            let isRefused = request.contains { poison.contains(delivery.event($0).sequence) }
            for index in request {
                if steps > failsAfter {
                    delivery.reported(index, .failed("down"))
                } else if isRefused {
                    delivery.reported(index, .refused("too large"))
                } else {
                    delivered.insert(delivery.event(index).sequence)
                    delivery.reported(index, .delivered)
                }
            }
        }
        #expect(delivery.isOver, "seed \(seed)")
        if delivery.failure == nil {
            // Only what is poison, and what is behind it, is not there.
            var blocked: Set<String> = []
            for event in all.sorted(by: { $0.sequence < $1.sequence }) {
                if poison.contains(event.sequence) { blocked.insert(event.orderingKey) }
                #expect(delivered.contains(event.sequence) != blocked.contains(event.orderingKey), "seed \(seed)")
            }
        }
        KafkaEvents.expect(delivery.answers, tell: delivered, of: batches)
    }

    @Test func whatWasUnderWayWhenNobodyAnswersHasFailed() {
        var random = SplitMix64(seed: 1)
        var delivery = KafkaDelivery(KafkaEvents.batches(count: 20, using: &random))
        let first = delivery.next()
        let second = delivery.next()
        if let first { delivery.reported(first, .delivered) }
        delivery.abandon("silence")
        #expect(delivery.isOver)
        #expect(delivery.failure?.count == 1)
        #expect(delivery.failure?.reason == "silence")
        #expect(delivery.next() == nil)
        // A report that comes late says nothing any more.
        let answers = delivery.answers
        if let second { delivery.reported(second, .delivered) }
        #expect(delivery.answers == answers)
    }
}

/// Events as the log has them, made up.
enum KafkaEvents {
    static func event(
        _ sequence: Int64, key: String, type: String = "user.verified", payload: String = "{}",
        aggregateID: String? = nil, traceparent: String? = nil
    ) -> LoggedEvent {
        LoggedEvent(
            sequence: sequence, id: UUID.timeOrdered().description, type: type, version: 1, orderingKey: key,
            occurredAt: .now, aggregateType: "user", aggregateID: aggregateID ?? key, payload: payload,
            correlationID: "c-\(sequence)", causationID: "SM\(sequence)", traceparent: traceparent)
    }

    static func batch(shard: Int = 0, _ events: [LoggedEvent]) -> ShardBatch {
        ShardBatch(held: HeldShard(shard: shard, epoch: 1, cursor: 0), events: events)
    }

    /// Of up to five shards with a few keys each, at most a batch's events a shard.
    static func batches(count: Int, using random: inout SplitMix64) -> [ShardBatch] {
        var events: [Int: [LoggedEvent]] = [:]
        for sequence in 1...count {
            let shard = Int.random(in: 0..<5, using: &random)
            if events[shard, default: []].count == ShardBatch.limit { continue }
            let key = "\(shard)-\(Int.random(in: 0..<6, using: &random))"
            events[shard, default: []].append(event(Int64(sequence), key: key))
        }
        return events.map { batch(shard: $0.key, $0.value) }
    }

    /// Checks what a sink answers against what arrived.
    static func expect(_ answers: [Int: SinkAnswer], tell delivered: Set<Int64>, of batches: [ShardBatch]) {
        for batch in batches {
            let ours = delivered.intersection(batch.events.map(\.sequence))
            switch answers[batch.held.shard] {
            case .taken(let count): #expect(count == batch.events.count && ours.count == count)
            case .partly(let taken, let refused):
                #expect(taken == ours)
                #expect(refused.keys.allSatisfy { !ours.contains($0) })
            case .outOfStep: Issue.record("Kafka keeps no marks")
            case nil: #expect(ours.isEmpty)
            }
        }
    }
}
#endif
