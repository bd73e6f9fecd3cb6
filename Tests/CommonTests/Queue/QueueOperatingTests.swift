import Common
import TestSupport
import Testing

/// What an operator sees of a queue and does to it.
@Suite struct QueueOperatingTests {
    @Test func aPausedShardTakesAndFinishesButBeginsNothing() async throws {
        try await withQueue { queue in
            for number in 1...5 { try await queue.push("SM\(number)", from: "ann") }
            let claim = try await queue.claim().claims[0]
            try await queue.client.pause(shard: 0, true)
            #expect(try await queue.client.stats(shard: 0).isPaused)
            let accepted = try await queue.accept("SM6", from: "bob")
            #expect(accepted == .accepted(waiting: 6))
            let turn = try await queue.claim([QueueSettlement(claim, done: 4, next: .ready, state: nil)])
            #expect(turn.isPaused && turn.claims.isEmpty)
            let stats = try await queue.stats()
            #expect(stats.ingress == 1, "nothing is drained")
            #expect(stats.ready == 1, "ann's turn comes later")
            try await queue.client.pause(shard: 0, false)
            let after = try await queue.claim()
            #expect(!after.isPaused)
            #expect(try after.claims.map(sids) == [["SM5"], ["SM6"]])
        }
    }

    @Test func leasesRunOutAndPausesEndWhileAShardIsStopped() async throws {
        var limits = QueueLimits()
        limits.lease = .milliseconds(20)
        try await withQueue(limits) { queue in
            try await queue.push("SM1", from: "ann")
            try await queue.push("SM2", from: "bob")
            let claims = try await queue.claim().claims
            _ = try await queue.claim(
                [QueueSettlement(claims[1], done: 0, next: .park(after: .milliseconds(20)), state: nil)], senders: 0)
            try await queue.client.pause(shard: 0, true)
            try await until("both are ready again") {
                _ = try await queue.claim()
                return try await queue.stats().ready == 2
            }
            #expect(try await queue.claim().nextDue == nil, "nothing is due, so nobody spins")
        }
    }

    @Test func statisticsCountEverythingAndFindTheOldest() async throws {
        try await withQueue { queue in
            let empty = try await queue.client.stats(shard: 0)
            #expect(empty.oldest == nil && empty.waiting == 0 && empty.drainedTotal == 0)
            let times = (0..<4).map { Timestamp(microseconds: 1_700_000_000_000_000 + Int64($0)) }
            func push(_ sid: String, _ sender: String, _ time: Timestamp) async throws {
                try await queue.producer.push(TestQueue.envelope(sid, from: sender, receivedAt: time))
            }
            // One of each: leased, paused, ready, and in the ingress.
            try await push("SM1", "ann", times[3])
            let ann = try await queue.claim(senders: 1).claims[0]
            try await push("SM2", "bob", times[2])
            let bob = try await queue.claim(senders: 1).claims[0]
            _ = try await queue.claim(
                [QueueSettlement(bob, done: 0, next: .park(after: .seconds(60)), state: nil)], senders: 0)
            #expect(try await queue.client.stats(shard: 0).oldest == times[2], "of a sender that pauses")
            _ = try await queue.send("RPUSH", "{wa:0}:in", "nonsense")
            try await push("SM3", "cid", times[1])
            try await push("SM3", "cid", times[1])
            try await push("SM4", "dee", times[1])
            let cid = try await queue.claim(senders: 1).claims[0]
            _ = try await queue.claim([QueueSettlement(cid, done: 1, next: .ready, state: nil)], senders: 0)
            #expect(try await queue.client.stats(shard: 0).oldest == times[1], "of a sender whose turn it is")
            try await push("SM5", "eve", times[0])
            let stats = try await queue.client.stats(shard: 0)
            #expect(stats.oldest == times[0], "in the ingress")
            #expect((stats.ingress, stats.staged, stats.ready, stats.delayed) == (1, 0, 1, 1))
            #expect((stats.leased, stats.dead, stats.held, stats.waiting) == (1, 1, 3, 4))
            #expect((stats.drainedTotal, stats.doneTotal, stats.duplicateTotal, stats.deadTotal) == (6, 1, 1, 1))
            _ = try await queue.claim([QueueSettlement(ann, done: 1, next: .ready, state: nil)], senders: 0)
            _ = try await queue.claim([QueueSettlement(ann, done: 1, next: .ready, state: nil)], senders: 0)
            #expect(try await queue.client.stats(shard: 0).staleTotal == 1)
        }
    }

    @Test func deadLettersAreReplayedOnceAndThenGone() async throws {
        try await withQueue { queue in
            try await bury(["SM1", "SM2", "SM3"], queue)
            let letters = try await dead(queue)
            let replayed = try await queue.client.replay(
                shard: 0, [letters[1].envelope, letters[0].envelope, Array("nonsense".utf8)])
            #expect(replayed == 2)
            #expect(try await dead(queue).map(\.messageSID) == ["SM3"])
            // They have been seen: without clearing that they would be dropped as duplicates.
            #expect(try await queue.drain() == ["SM2", "SM1"])
        }
    }

    @Test func deadLettersAreDiscardedBySIDOrWhole() async throws {
        try await withQueue { queue in
            _ = try await queue.send("RPUSH", "{wa:0}:in", "nonsense")
            try await bury((1...150).map { "SM\($0)" }, queue)
            let entries = (try await queue.send("LRANGE", "{wa:0}:dead", 0, -1).array ?? []).compactMap(\.payload)
            #expect(entries.count == 151)
            let bySID = try await queue.client.discard(shard: 0, sids: ["SM1", "SM100", "SM999"])
            #expect(bySID == 2)
            let nonsense = try #require(entries.first { DeadLetterFields($0)?.reason == "malformed" })
            let whole = try await queue.client.discard(shard: 0, sids: [], entries: [nonsense])
            #expect(whole == 1)
            let left = try await dead(queue).map(\.messageSID)
            #expect(left == (2...150).filter { $0 != 100 }.map { "SM\($0)" }, "the rest is there in its order")
        }
    }

    @Test(
        arguments: [
            "", "nonsense", "v1", "v1\u{1f}SM1", "v1\u{1f}SM1\u{1f}ann",
            "v1\u{1f}\u{1f}ann\u{1f}1\u{1f}c\u{1f}message\u{1f}",
            "v1\u{1f}SM1\u{1f}\u{1f}1\u{1f}c\u{1f}message\u{1f}",
            "v3\u{1f}SM1\u{1f}ann\u{1f}1\u{1f}c\u{1f}t\u{1f}message\u{1f}", "v2\u{1f}SM1",
        ])
    func whatIsNoEnvelopeIsBuriedAndHoldsNobodyUp(_ nonsense: String) async throws {
        try await withQueue { queue in
            _ = try await queue.send("RPUSH", "{wa:0}:in", .init(nonsense))
            try await queue.push("SM1", from: "ann")
            #expect(try await queue.drain() == ["SM1"])
            let entry = try await queue.send("LINDEX", "{wa:0}:dead", 0).payload ?? []
            let fields = try #require(DeadLetterFields(entry))
            #expect(fields.reason == "malformed")
            #expect(fields.envelope == Array(nonsense.utf8))
            #expect(try await queue.client.stats(shard: 0).oldest == nil)
        }
    }

    /// Puts messages of one sender on the dead list, by delivering them too often.
    private func bury(_ sids: [String], _ queue: TestQueue) async throws {
        for sid in sids { try await queue.push(sid, from: "ann") }
        try await until("all are buried") {
            let owned = try await queue.send("HGET", "{wa:0}:own", "ann").string
            if let fence = owned?.split(separator: ":").first, fence != "0" {
                _ = try await queue.send("HSET", "{wa:0}:own", "ann", .init("\(fence):8"))
                _ = try await queue.send("ZADD", "{wa:0}:lease", 1, "ann")
            }
            _ = try await queue.claim()
            let stats = try await queue.stats()
            return stats.ingress + stats.ready + stats.leased == 0
        }
    }

    private func dead(_ queue: TestQueue) async throws -> [(messageSID: String, envelope: [UInt8])] {
        let entries = try await queue.send("LRANGE", "{wa:0}:dead", 0, -1).array ?? []
        return try entries.compactMap(\.payload).compactMap { DeadLetterFields($0)?.envelope }.map {
            (try Envelope(decoding: $0).messageSID, $0)
        }
    }
}

/// An entry of the dead list, read without the product's own reader.
private struct DeadLetterFields {
    var reason: String
    var envelope: [UInt8]

    init?(_ entry: [UInt8]) {
        let parts = entry.split(separator: 0x1F, maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5 else { return nil }
        reason = String(decoding: parts[0], as: UTF8.self)
        envelope = Array(parts[4])
    }
}
