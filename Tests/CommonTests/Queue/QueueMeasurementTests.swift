import Common
import TestSupport
import Testing

/// What the functions cost Redis, as it counts itself; prints figures, and fails only when they are far off.
@Suite(.serialized) struct QueueMeasurementTests {
    /// Redis' time in our functions and how often it was called, since the last reset.
    private struct Cost {
        var calls: Int
        var microseconds: Int

        init(_ queue: TestQueue) async throws {
            let info = try await queue.send("INFO", "commandstats").string ?? ""
            let fields = (info.infoValue("cmdstat_fcall") ?? info.infoValue("cmdstat_evalsha") ?? "").split(
                separator: ",")
            func number(_ name: String) -> Int {
                fields.first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) } ?? 0
            }
            (calls, microseconds) = (number("calls"), number("usec"))
        }

        func per(_ count: Int) -> Double { Double(microseconds * 10 / max(1, count)) / 10 }
    }

    private static let messages = 20_000
    private static let senders = 400
    private static let bodyCount = 600

    @Test(.timeLimit(.minutes(2)), arguments: [[], ["--rename-command", "FCALL", ""]])
    func aMessageCostsRedisLittle(options: [String]) async throws {
        try await withQueue(options: options) { queue in
            _ = try await queue.accept("SM0", from: "warm")
            _ = try await queue.drain()
            _ = try await queue.send("CONFIG", "RESETSTAT")
            let answers = Locked(0)
            for number in 0..<Self.messages {
                let envelope = TestQueue.envelope(
                    "SM" + String(repeating: "0", count: 24) + "\(10_000_000 + number)",
                    from: "whatsapp:+4477009\(10_000 + number % Self.senders)", bodyCount: Self.bodyCount)
                queue.producer.accept(envelope) { if case .success(.accepted) = $0 { answers.withLock { $0 += 1 } } }
                // As many at once as ingest has connections.
                if number % 64 == 63 {
                    try await until("they are answered") { answers.withLock { $0 } == number + 1 }
                }
            }
            try await until("all are answered") { answers.withLock { $0 } == Self.messages }
            let accepting = try await Cost(queue)
            _ = try await queue.send("CONFIG", "RESETSTAT")
            let state = [UInt8](repeating: UInt8(ascii: "s"), count: 300)
            var (done, turns) = (0, 0)
            var settlements: [QueueSettlement] = []
            while done < Self.messages || !settlements.isEmpty {
                let turn = try await queue.claim(settlements)
                turns += 1
                settlements = turn.claims.map {
                    QueueSettlement($0, done: $0.messages.count, next: .ready, state: state)
                }
                done += turn.claims.reduce(0) { $0 + $1.messages.count }
            }
            let working = try await Cost(queue)
            let total = accepting.per(Self.messages) + working.per(Self.messages)
            print(
                "MEASURED \(options.isEmpty ? "FCALL" : "EVALSHA") accept \(accepting.per(Self.messages)) us a message;"
                    + " drain, claim and settle \(working.per(Self.messages)) us a message,"
                    + " \(working.per(working.calls)) us a call, \(turns) calls; together \(total) us")
            #expect(total < 250)
        }
    }

    /// 8 senders settled, 64 envelopes drained, 8 senders x 4 messages claimed.
    @Test(.timeLimit(.minutes(2)), arguments: [Self.bodyCount, 8000]) func aCallAtItsCapsIsShort(bodyCount: Int)
        async throws
    {
        try await withQueue { queue in
            for number in 0..<6400 {
                let envelope = TestQueue.envelope(
                    "SM" + String(repeating: "0", count: 24) + "\(10_000_000 + number)",
                    from: "whatsapp:+4477009\(10_000 + number % 200)", bodyCount: bodyCount)
                queue.producer.push(envelope) { _ in }
            }
            try await until("all are there") { try await queue.integer(RedisCommand("LLEN", "{wa:0}:in")) == 6400 }
            let state = [UInt8](repeating: UInt8(ascii: "s"), count: 300)
            var settlements: [QueueSettlement] = []
            for turn in 0..<90 {
                // The first senders have only a few messages yet.
                if turn == 20 { _ = try await queue.send("CONFIG", "RESETSTAT") }
                let claims = try await queue.claim(settlements).claims
                if turn >= 20 { #expect(claims.count == 8 && claims.allSatisfy { $0.messages.count == 4 }) }
                settlements = claims.map { QueueSettlement($0, done: $0.messages.count, next: .ready, state: state) }
            }
            let cost = try await Cost(queue)
            print("MEASURED a settle-and-claim at its caps, bodies of \(bodyCount) bytes: \(cost.per(cost.calls)) us")
            #expect(cost.per(cost.calls) < 5000)
        }
    }
}
