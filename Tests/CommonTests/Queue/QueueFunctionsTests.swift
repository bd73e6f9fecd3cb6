import Common
import TestSupport
import Testing

/// The queue's protocol against a real Redis.
@Suite struct QueueFunctionsTests {
    @Test func aSendersMessagesComeInOrderAndToOneOwner() async throws {
        try await withQueue { queue in
            for number in 1...6 { try await queue.push("SM\(number)", from: "ann") }
            try await queue.push("SM9", from: "bob")
            let turn = try await queue.claim()
            #expect(turn.claims.map(\.sender) == ["ann", "bob"])
            #expect(try sids(turn.claims[0]) == ["SM1", "SM2", "SM3", "SM4"])
            #expect(turn.claims[0].state == nil)
            #expect(turn.claims[0].deliveries == 1)
            #expect(turn.claims[0].fence < turn.claims[1].fence)
            // Leased: nobody else gets ann, whatever arrives.
            try await queue.push("SM7", from: "ann")
            #expect(try await queue.claim().claims.isEmpty)
        }
    }

    @Test func aSettleStoresTheStateAndGivesTheNextTurn() async throws {
        try await withQueue { queue in
            for number in 1...6 { try await queue.push("SM\(number)", from: "ann") }
            let first = try await queue.claim().claims[0]
            let state = Array("{\"name\":\"menu\"}".utf8)
            let second = try await queue.claim([QueueSettlement(first, done: 4, next: .ready, state: state)]).claims[0]
            #expect(try sids(second) == ["SM5", "SM6"])
            #expect(second.state == state)
            #expect(second.fence > first.fence)
            #expect(second.deliveries == 1)
            let end = try await queue.claim([QueueSettlement(second, done: 2, next: .ready, state: nil)])
            #expect(end.claims.isEmpty)
            #expect(end.nextDue == nil)
            #expect(try await queue.integer(RedisCommand("EXISTS", "{wa:0}:own", "{wa:0}:lease", "{wa:0}:q:ann")) == 0)
            #expect(try await queue.integer(RedisCommand("TTL", "{wa:0}:state:ann")) ?? 0 > 86_000)
        }
    }

    @Test func aFenceThatIsNotTheCurrentOneChangesNothing() async throws {
        var limits = QueueLimits()
        limits.lease = .milliseconds(30)
        try await withQueue(limits) { queue in
            try await queue.push("SM1", from: "ann")
            let zombie = try await queue.claim().claims[0]
            var owner: QueueClaim?
            try await until("the lease has run out") {
                owner = try await queue.claim().claims.first
                return owner != nil
            }
            #expect(owner?.deliveries == 2)
            let turn = try await queue.claim(
                [QueueSettlement(zombie, done: 1, next: .ready, state: Array("x".utf8))], senders: 0)
            #expect(turn.stale == ["ann"])
            #expect(try await queue.integer(RedisCommand("LLEN", "{wa:0}:q:ann")) == 1)
            #expect(try await queue.integer(RedisCommand("EXISTS", "{wa:0}:state:ann")) == 0)
            #expect(
                try await queue.client.heartbeat(shard: 0, [(sender: "ann", fence: zombie.fence)]) == ["ann"])
        }
    }

    @Test func heartbeatsKeepALease() async throws {
        var limits = QueueLimits()
        limits.lease = .milliseconds(300)
        try await withQueue(limits) { queue in
            try await queue.push("SM1", from: "ann")
            let claim = try await queue.claim().claims[0]
            let end = ContinuousClock.now + .milliseconds(700)
            try await until("more than two leases have passed") {
                let lost = try await queue.client.heartbeat(shard: 0, [(claim.sender, claim.fence)])
                let turn = try await queue.claim()
                #expect(lost.isEmpty && turn.claims.isEmpty)
                return .now > end
            }
        }
    }

    @Test func pausesKeepTheOrderAndSayWhenTheyAreOver() async throws {
        try await withQueue { queue in
            for number in 1...2 { try await queue.push("SM\(number)", from: "ann") }
            let claim = try await queue.claim().claims[0]
            let paused = try await queue.claim(
                [QueueSettlement(claim, done: 0, next: .retry(after: .milliseconds(80)), state: nil)])
            #expect(paused.claims.isEmpty)
            #expect(paused.nextDue.map { $0 <= .milliseconds(80) } == true)
            var again: QueueClaim?
            try await until("the pause is over") {
                again = try await queue.claim().claims.first
                return again != nil
            }
            #expect(try again.map(sids) == ["SM1", "SM2"])
            #expect(again?.deliveries == 2)
        }
    }

    @Test func aReleaseOrAnOutageCostsNoDelivery() async throws {
        try await withQueue { queue in
            try await queue.push("SM1", from: "ann")
            try await queue.push("SM2", from: "bob")
            var claim = try await queue.claim(senders: 1).claims[0]
            for _ in 0..<20 {
                let turn = try await queue.claim(
                    [QueueSettlement(claim, done: 0, next: .release, state: nil)], senders: 1)
                #expect(turn.claims.map(\.sender) == ["ann"], "a released sender keeps its turn")
                claim = turn.claims[0]
                #expect(claim.deliveries == 1)
            }
            _ = try await queue.claim(
                [QueueSettlement(claim, done: 0, next: .park(after: .milliseconds(1)), state: nil)], senders: 0)
            try await until("the pause is over") {
                guard let ann = try await queue.claim().claims.first(where: { $0.sender == "ann" }) else {
                    return false
                }
                #expect(ann.deliveries == 1)
                return true
            }
        }
    }

    @Test func aMessageDeliveredTooOftenIsBuriedAndTheConversationGoesOn() async throws {
        var limits = QueueLimits()
        limits.deliveries = 2
        try await withQueue(limits) { queue in
            for number in 1...2 { try await queue.push("SM\(number)", from: "ann") }
            var claim = try await queue.claim().claims[0]
            claim = try await retried(claim, queue)
            #expect(claim.deliveries == 2)
            claim = try await retried(claim, queue)
            #expect(try sids(claim) == ["SM2"])
            #expect(claim.deliveries == 1)
            let dead = try await queue.redis.send(RedisCommand("LINDEX", "{wa:0}:dead", 0)).string
            #expect(dead?.hasPrefix("deliveries\u{1f}delivered too often\u{1f}2\u{1f}") == true)
            #expect(dead?.contains("\u{1f}v1\u{1f}SM1\u{1f}ann\u{1f}") == true)
        }
    }

    private func retried(_ claim: QueueClaim, _ queue: TestQueue) async throws -> QueueClaim {
        _ = try await queue.claim(
            [QueueSettlement(claim, done: 0, next: .retry(after: .milliseconds(1)), state: nil)], senders: 0)
        var next: QueueClaim?
        try await until("the pause is over") {
            next = try await queue.claim().claims.first
            return next != nil
        }
        return try #require(next)
    }

    @Test func aRepeatedMessageIsDroppedAndAMalformedOneBuried() async throws {
        try await withQueue { queue in
            try await queue.push("SM1", from: "ann")
            try await queue.push("SM1", from: "ann")
            _ = try await queue.redis.send(RedisCommand("RPUSH", "{wa:0}:in", "nonsense"))
            try await queue.push("SM2", from: "ann")
            let turn = try await queue.claim()
            #expect(try sids(turn.claims[0]) == ["SM1", "SM2"])
            #expect(turn.duplicates == 1)
            #expect(turn.dead == 1)
            #expect(try await queue.integer(RedisCommand("LLEN", "{wa:0}:dead")) == 1)
        }
    }

    @Test func whatAWaitingWorkerWasHandedComesFirst() async throws {
        try await withQueue { queue in
            let arrived = await withCheckedContinuation { done in
                queue.client.wait(shard: 0, atMost: .milliseconds(50)) { done.resume(returning: $0) }
            }
            #expect(try !arrived.get())
            try await queue.push("SM1", from: "ann")
            let staged = await withCheckedContinuation { done in
                queue.client.wait(shard: 0, atMost: .seconds(1)) { done.resume(returning: $0) }
            }
            #expect(try staged.get())
            #expect(try await queue.integer(RedisCommand("LLEN", "{wa:0}:stage")) == 1)
            try await queue.push("SM2", from: "ann")
            #expect(try sids(try await queue.claim().claims[0]) == ["SM1", "SM2"])
        }
    }

    @Test func fencesGoOnGrowingWhenRedisLosesEverything() async throws {
        try await withQueue { queue in
            try await queue.push("SM1", from: "ann")
            let before = try await queue.claim().claims[0]
            _ = try await queue.redis.send(RedisCommand("FLUSHALL"))
            _ = try await queue.redis.send(RedisCommand("FUNCTION", "FLUSH"))
            try await queue.push("SM1", from: "ann")
            let after = try await queue.claim().claims[0]
            #expect(after.fence > before.fence)
        }
    }
}
