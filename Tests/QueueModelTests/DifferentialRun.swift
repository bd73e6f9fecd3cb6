import Common
import QueueModel
import TestSupport

/// One random walk that the model and a real Redis take together, compared after every step.
struct DifferentialRun {
    /// A claim as the model and as Redis gave it.
    struct Held {
        var model: Keys.Claim
        var real: QueueClaim
    }

    /// A settlement of both; what was settled once may come again.
    struct Settled {
        var model: Keys.Settlement
        var real: QueueSettlement
    }

    let redis: RedisClient
    let queue: QueueClient
    let producer: QueueProducer
    let rules: Rules
    var random: SplitMix64
    var model = Keys()
    var held: [Held] = []
    var settled: [Settled] = []
    var fences: [Int: Int64] = [:]
    var clock = 0
    var pushed = 0
    var trace: [String] = []
    /// Whether the functions that Redis has stay: those of a test that changed them.
    var keepsFunctions = false
    private var windows: (this: Int, last: Int) = (0, 0)

    static let dedupWindow = Duration.seconds(864_000)

    static var rules: Rules {
        var rules = Rules()
        rules.senders = 4
        rules.drained = 3
        rules.deliveries = 3
        return rules
    }

    static var limits: QueueLimits {
        var limits = QueueLimits()
        limits.lease = .seconds(3600)
        limits.messagesPerClaim = rules.messagesPerClaim
        limits.drainedPerCall = rules.drained
        limits.deliveries = rules.deliveries
        limits.dedupWindow = dedupWindow
        // The allowance goes by the clock: so large that it never refuses here. The caps do.
        limits.allowancePerMinute = 1_000_000
        limits.waitingPerSender = 3
        limits.waiting = 12
        return limits
    }

    init(redis: RedisClient, queue: QueueClient, producer: QueueProducer, seed: UInt64) {
        (self.redis, self.queue, self.producer) = (redis, queue, producer)
        rules = Self.rules
        random = SplitMix64(seed: seed)
    }

    /// Walks; throws a `Difference` when the two are not the same.
    mutating func walk(steps: Int, restart: () async throws -> Void) async throws {
        try await send("FLUSHALL")
        let milliseconds = try await redis.send(RedisCommand("TIME")).array?.first?.int ?? 0
        let window = milliseconds * 1000 / Int(Self.dedupWindow.wholeMilliseconds)
        windows = (window, window - 1)
        for _ in 0..<steps {
            if model.dead.count > 8 { try await clearDead() }
            try await step(restart)
            try await compare()
        }
    }

    struct Difference: Error, CustomStringConvertible {
        var description: String
    }

    func differ(_ what: String) -> Difference {
        Difference(description: "\(what)\nafter\n  " + trace.suffix(15).joined(separator: "\n  "))
    }

    func send(_ name: String, _ arguments: RedisArgument...) async throws {
        _ = try await redis.send(RedisCommand(name, arguments))
    }

    func key(_ name: String) -> RedisArgument { .init(queue.keys.prefix(0) + name) }

    private func compare() async throws {
        let reply = try await redis.send(
            RedisCommand("EVAL", .init(Portrait.script), 1, key(""), .init(windows.this), .init(windows.last)))
        let expected = Portrait.text(of: model, fences: fences, rules)
        guard reply.string != expected else { return }
        throw differ("Redis has\n\(reply.string ?? "nothing")\nand the model\n\(expected)\n")
    }

    // MARK: Steps

    private mutating func step(_ restart: () async throws -> Void) async throws {
        switch random.below(1000) {
        case ..<150: try await pushNew()
        case ..<350: try await accept()
        case ..<390: try await pushAgain()
        case ..<405: try await pushMalformed()
        case ..<440: try await wait()
        case ..<720: try await turn()
        case ..<760: try await heartbeat()
        case ..<820: try await lapse()
        case ..<870: try await fallDue()
        case ..<900: crash()
        case ..<920: try await replayOrDiscard()
        case ..<935: try await pauseOrResume()
        case ..<955: try await ask()
        case ..<980: try await damageAndRepair()
        case ..<985: try await passAMinute()
        case ..<990: try await rotateWindows()
        case ..<994: try await loseEverything()
        case _ where keepsFunctions: break
        case ..<999:
            trace.append("the functions are gone")
            try await send("FUNCTION", "FLUSH")
        default:
            trace.append("Redis starts again")
            if random.isTrue(6) { try await restart() }
        }
    }

    private var hasRoom: Bool { model.ingress.count + model.stage.count < 10 }

    private mutating func pushNew() async throws {
        guard hasRoom, pushed < 127, model.seats[rules.sender(of: pushed)].queue.count < 4 else { return }
        pushed += 1
        try await push(pushed - 1)
    }

    private mutating func pushAgain() async throws {
        guard hasRoom, pushed > 0 else { return }
        try await push(random.below(pushed))
    }

    private mutating func push(_ message: Int) async throws {
        trace.append("push \(message)")
        model.push(message)
        try await producer.push(envelope(message))
    }

    func envelope(_ message: Int) -> Envelope {
        Envelope(
            messageSID: Portrait.id(message), sender: Portrait.senders[rules.sender(of: message)], receivedAt: .now,
            correlationID: CorrelationID(),
            // Every other one is of the second version.
            trace: message.isMultiple(of: 2)
                ? nil : TraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            kind: .message, body: Array("Body=\(message)".utf8))
    }

    private mutating func accept() async throws {
        guard hasRoom, pushed < 127 else { return }
        pushed += 1
        let message = pushed - 1
        let expected = model.accept(
            message, perSender: Self.limits.waitingPerSender, inAll: Self.limits.waiting, rules)
        trace.append("accept \(message): \(expected)")
        let envelope = envelope(message)
        let result = try await withCheckedContinuation { done in
            producer.accept(envelope) { done.resume(returning: $0) }
        }.get()
        let real: Keys.Acceptance =
            switch result {
            case .accepted(let waiting, nil): .accepted(waiting)
            case .throttled(.waitingPerSender, _): .throttled
            case .full: .full
            case .accepted, .throttled(.allowance, _): throw differ("Redis answered \(result)")
            }
        if real != expected { throw differ("Redis answered \(result)") }
    }

    private mutating func pushMalformed() async throws {
        guard hasRoom, model.dead.count < 8 else { return }
        trace.append("push nonsense")
        model.push(Keys.malformed)
        try await send("RPUSH", key("in"), "v1\u{1f}\u{1f}nonsense")
    }

    /// As a blocked worker is handed what comes.
    private mutating func wait() async throws {
        trace.append("wait")
        let isHanded = model.wait()
        guard isHanded else { return }
        let result = await withCheckedContinuation { done in
            queue.wait(shard: 0, atMost: .seconds(1)) { done.resume(returning: $0) }
        }
        if try !result.get() { throw differ("Redis had nothing to wait for") }
    }

    private mutating func crash() {
        guard !held.isEmpty else { return }
        trace.append("a worker ends")
        held.remove(at: random.below(held.count))
    }

    private mutating func lapse() async throws {
        let leased = (0..<rules.senders).filter { model.seats[$0].lease == .later }
        guard let sender = leased.randomElement(using: &random) else { return }
        trace.append("lapse \(Portrait.senders[sender])")
        model.lapse(sender, rules)
        try await send(
            "ZADD", key("lease"), "XX", .init(Int(model.seats[sender].lease.rank)), .init(Portrait.senders[sender]))
    }

    private mutating func fallDue() async throws {
        let delayed = (0..<rules.senders).filter { model.seats[$0].delay == .later }
        guard let sender = delayed.randomElement(using: &random) else { return }
        trace.append("due \(Portrait.senders[sender])")
        model.fallDue(sender, rules)
        try await send(
            "ZADD", key("delay"), "XX", .init(Int(model.seats[sender].delay.rank)), .init(Portrait.senders[sender]))
    }

    private mutating func rotateWindows() async throws {
        trace.append("a dedup window passes")
        model.rotateWindows()
        let (this, last) = (key("dd:\(windows.this)"), key("dd:\(windows.last)"))
        if model.seenBefore != Marks() || model.refusedBefore != Marks() {
            try await send("RENAME", this, last)
        } else {
            try await send("DEL", last)
        }
    }

    private mutating func clearDead() async throws {
        model.dead = Line()
        try await send("DEL", key("dead"))
    }

    private mutating func loseEverything() async throws {
        trace.append("Redis is empty")
        model = Keys()
        try await send("FLUSHALL")
    }
}
