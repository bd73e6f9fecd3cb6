import Common
import TestSupport
import Testing

/// What is taken from a sender, and what is not.
@Suite struct QueueAcceptTests {
    @Test func aMinutesWorthIsTakenAtOnceAndThenOneASecond() async throws {
        try await withQueue { queue in
            let answers = try await queue.accept(1...61, from: "ann")
            #expect(answers.dropLast() == (1...60).map { .accepted(waiting: $0) }[...])
            guard case .throttled(.allowance, let wait) = answers[60] else {
                Issue.record("SM61 was \(answers[60])")
                return
            }
            #expect(wait > .milliseconds(1) && wait <= .seconds(1))
            // Bob is another person, and delivery reports have no allowance.
            let bob = try await queue.accept("SM62", from: "bob")
            #expect(bob == .accepted(waiting: 62), "one of those that wait is the notice to ann")
            let report = try await queue.accept(TestQueue.envelope("SM1:sent", from: "ann", kind: .status))
            #expect(report == .accepted(waiting: 63))
            // Refusals cost nothing: after the time that was given there is room.
            try await until("there is room again", within: .seconds(5)) {
                let again = try await queue.accept("SM61", from: "ann")
                return again == .accepted(waiting: 64)
            }
        }
    }

    @Test func theAllowanceSurvivesAClockThatWasPutBack() async throws {
        try await withQueue { queue in
            _ = try await queue.send("SET", "{wa:0}:rate:ann", "", "PX", 86_400_000)
            let refused = try await queue.accept("SM1", from: "ann")
            guard case .throttled(.allowance, let wait) = refused else {
                Issue.record("SM1 was \(refused)")
                return
            }
            #expect(wait <= .seconds(1))
            try await until("there is room again", within: .seconds(5)) {
                let again = try await queue.accept("SM1", from: "ann")
                return again == .accepted(waiting: 2)
            }
        }
    }

    @Test func allowanceKeysGoByThemselves() async throws {
        try await withQueue { queue in
            _ = try await queue.accept("SM1", from: "ann")
            let left = try #require(try await queue.integer(RedisCommand("PTTL", "{wa:0}:rate:ann")))
            #expect((1...1000).contains(left))
        }
    }

    @Test func aSenderOfWhomTooMuchWaitsIsRefusedMore() async throws {
        var limits = QueueLimits()
        limits.waitingPerSender = 3
        try await withQueue(limits) { queue in
            for number in 1...3 { _ = try await queue.accept("SM\(number)", from: "ann") }
            let claim = try await queue.claim().claims[0]
            let refused = try await queue.accept("SM4", from: "ann")
            #expect(refused == .throttled(.waitingPerSender, retryAfter: .seconds(30)))
            #expect(try await queue.client.seen(shard: 0, ["SM3", "SM4", "SM5"]) == [.accepted, .refused, .unknown])
            _ = try await queue.claim([QueueSettlement(claim, done: 1, next: .ready, state: nil)], senders: 0)
            let taken = try await queue.accept("SM4", from: "ann")
            #expect(taken == .accepted(waiting: 4), "two of ann's, the notice and this one")
            #expect(try await queue.drain().suffix(2) == ["throttled:SM4", "SM4"])
            // Taken after all: the mark of its refusal counts no more.
            #expect(try await queue.client.seen(shard: 0, ["SM4"]) == [.accepted])
        }
    }

    @Test func refusalsAreRememberedAndTheSenderIsToldOnceAMinute() async throws {
        try await withQueue { queue in
            let answers = try await queue.accept(1...65, from: "ann")
            for refused in answers[60...] {
                guard case .throttled = refused else {
                    Issue.record("one was \(refused)")
                    return
                }
            }
            #expect(
                try await queue.client.seen(shard: 0, (61...66).map { "SM\($0)" })
                    == Array(repeating: .refused, count: 5) + [.unknown])
            let notices = try await queue.ingress().filter { $0.kind == .event }
            #expect(notices.map(\.messageSID) == ["throttled:SM61"])
            #expect(notices.map(\.sender) == ["ann"])
            #expect(notices.map { String(decoding: $0.body, as: UTF8.self) } == [#"{"type":"sender.throttled"}"#])
            let left = try #require(try await queue.integer(RedisCommand("PTTL", "{wa:0}:rate:ann:notice")))
            #expect((50_000...60_000).contains(left))
            _ = try await queue.send("DEL", "{wa:0}:rate:ann:notice")
            // Whatever time has passed: a minute's worth is used up again.
            _ = try await queue.accept(100...165, from: "ann")
            let after = try await queue.ingress().filter { $0.kind == .event }
            #expect(after.count == 2 && after[0].messageSID == "throttled:SM61")
        }
    }

    /// Its first copy is on the queue: that the second one met a limit takes nothing away.
    @Test func aRefusedSecondCopyLosesNothing() async throws {
        var limits = QueueLimits()
        limits.allowancePerMinute = 1
        try await withQueue(limits) { queue in
            _ = try await queue.accept("SM1", from: "ann")
            let second = try await queue.accept("SM1", from: "ann")
            guard case .throttled(.allowance, let wait) = second else {
                Issue.record("the copy was \(second)")
                return
            }
            #expect(wait > .seconds(50) && wait <= .seconds(60))
            #expect(try await queue.drain() == ["SM1", "throttled:SM1"])
            #expect(try await queue.client.seen(shard: 0, ["SM1"]) == [.accepted])
        }
    }

    @Test func aFullShardTakesNothingUntilMessagesAreDone() async throws {
        var limits = QueueLimits()
        limits.waiting = 5
        try await withQueue(limits) { queue in
            for number in 1...5 { _ = try await queue.accept("SM\(number)", from: "s\(number)") }
            let sixth = try await queue.accept("SM6", from: "s6")
            #expect(sixth == .full)
            // What workers have drained and not done waits as well.
            let claims = try await queue.claim().claims
            #expect(try await queue.client.stats(shard: 0).held == 5)
            let again = try await queue.accept("SM6", from: "s6")
            #expect(again == .full)
            let report = try await queue.accept(TestQueue.envelope("SM1:sent", from: "status:1", kind: .status))
            #expect(report == .full)
            #expect(try await queue.client.seen(shard: 0, ["SM6"]) == [.unknown], "to be fetched later")
            _ = try await queue.claim(
                [QueueSettlement(claims[0], done: 1, next: .ready, state: nil)], senders: 0)
            let taken = try await queue.accept("SM6", from: "s6")
            #expect(taken == .accepted(waiting: 5))
        }
    }

    @Test func aCountThatIsWrongIsRightAgainOnceNothingWaits() async throws {
        try await withQueue { queue in
            _ = try await queue.send("HSET", "{wa:0}:ctr", "held", 1_000_000)
            let refused = try await queue.accept("SM1", from: "ann")
            #expect(refused == .full)
            _ = try await queue.claim()
            let taken = try await queue.accept("SM1", from: "ann")
            #expect(taken == .accepted(waiting: 1))
        }
    }

    @Test func whatIsHeldIsCountedThroughDuplicatesAndDeadLetters() async throws {
        var limits = QueueLimits()
        limits.deliveries = 1
        limits.lease = .milliseconds(20)
        try await withQueue(limits) { queue in
            for sid in ["SM1", "SM2", "SM2", "SM3"] { try await queue.push(sid, from: "ann") }
            _ = try await queue.send("RPUSH", "{wa:0}:in", "nonsense")
            _ = try await queue.claim()
            #expect(try await queue.client.stats(shard: 0).held == 3)
            try await until("the first is given up on") { try await queue.claim().dead == 1 }
            #expect(try await queue.client.stats(shard: 0).held == 2)
        }
    }

    @Test(arguments: [["--rename-command", "FCALL", ""], ["--rename-command", "FUNCTION", ""]])
    func withoutFunctionsEverythingWorksAsAScript(options: [String]) async throws {
        try await withQueue(options: options) { queue in
            let answers = try await queue.accept(1...61, from: "ann")
            #expect(answers.dropLast() == (1...60).map { .accepted(waiting: $0) }[...])
            guard case .throttled(.allowance, _) = answers[60] else {
                Issue.record("SM61 was \(answers[60])")
                return
            }
            #expect(try await queue.client.stats(shard: 0).ingress == 61)
            #expect(try await queue.drain() == (1...60).map { "SM\($0)" } + ["throttled:SM61"])
        }
    }

    /// Not even scripts: what is left is RPUSH, which needs nothing.
    @Test(
        arguments: [
            ["--rename-command", "FCALL", "", "--rename-command", "SCRIPT", ""],
            ["--user", "default", "on", "nopass", "~*", "&*", "+@all", "-@scripting"],
        ])
    func withoutFunctionsAndScriptsMessagesAreStillTaken(options: [String]) async throws {
        try await withQueue(options: options) { queue in
            for number in 1...61 {
                let answer = try await queue.accept("SM\(number)", from: "ann")
                guard case .accepted(number, let cause) = answer else {
                    Issue.record("SM\(number) was \(answer)")
                    return
                }
                #expect(cause != nil)
            }
        }
    }

    /// A key of another type makes the function fail; the message does not pay for it.
    @Test func aFunctionThatFailsCostsNoMessage() async throws {
        try await withQueue { queue in
            _ = try await queue.send("SET", "{wa:0}:ctr", "not a hash")
            let answer = try await queue.accept("SM1", from: "ann")
            guard case .accepted(1, let cause) = answer else {
                Issue.record("SM1 was \(answer)")
                return
            }
            #expect(cause?.description.contains("WRONGTYPE") == true)
        }
    }

    @Test func functionsThatVanishUnderLoadCostNoMessageAndNoOrder() async throws {
        var limits = QueueLimits()
        limits.allowancePerMinute = 100_000
        limits.waitingPerSender = 100_000
        try await withQueue(limits) { queue in
            let answered = Locked(0)
            let count = 2000
            for number in 1...count {
                queue.producer.accept(TestQueue.envelope("SM\(number)", from: "ann")) { result in
                    if case .success(.accepted) = result { answered.withLock { $0 += 1 } }
                }
                if number % 97 == 0 { queue.redis.submit(RedisCommand("FUNCTION", "FLUSH")) { _ in } }
                if number % 50 == 0 { await Task.yield() }
            }
            try await until("all are answered") { answered.withLock { $0 } == count }
            #expect(try await queue.drain() == (1...count).map { "SM\($0)" })
        }
    }
}
