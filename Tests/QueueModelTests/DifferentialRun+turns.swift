import Common
import QueueModel

extension DifferentialRun {
    /// Settles some of what is held, perhaps again what was settled before, and claims.
    mutating func turn() async throws {
        var settlements: [Settled] = []
        for index in held.indices.reversed() where random.isTrue(60) {
            settlements.append(settlement(of: held.remove(at: index)))
        }
        if random.isTrue(15), let again = settled.randomElement(using: &random) { settlements.append(again) }
        if random.isTrue(5), let twice = settlements.randomElement(using: &random) { settlements.append(twice) }
        let senders = random.below(4)
        trace.append(
            "turn \(settlements.map { "\($0.model.sender):\($0.model.done):\($0.model.next)" }), claims \(senders)")

        let expected = model.settleAndClaim(settlements.map(\.model), senders: senders, clock: clock, rules)
        let turn = try await queue.settleAndClaim(shard: 0, settlements.map(\.real), senders: senders)
        settled = (settled + settlements).suffix(8)
        try await note(expected, turn)
        try check(expected, turn)
    }

    private mutating func settlement(of held: Held) -> Settled {
        let done = random.below(held.model.messages.count + 1)
        let next = [Keys.Settlement.Next.ready, .ready, .retry, .park, .release][random.below(5)]
        let state = done > 0 && random.isTrue(80) ? held.model.messages[done - 1] + 1 : 0
        let real: QueueSettlement.Next =
            switch next {
            case .ready: .ready
            case .retry: .retry(after: .seconds(1800))
            case .park: .park(after: .seconds(1800))
            case .release: .release
            }
        return Settled(
            model: Keys.Settlement(
                sender: held.model.sender, fence: held.model.fence, done: done, next: next, state: state),
            real: QueueSettlement(held.real, done: done, next: real, state: state == 0 ? nil : Array("S\(state)".utf8)))
    }

    /// Fences are not the same numbers, but in the same order.
    private mutating func note(_ expected: Keys.Turn, _ turn: QueueClient.Turn) async throws {
        guard expected.claims.count == turn.claims.count else {
            throw differ("Redis gave \(turn.claims.count) claims, the model \(expected.claims.count)")
        }
        let last = fences.values.max() ?? 0
        for (claim, real) in zip(expected.claims, turn.claims) {
            guard real.fence > last, real.fence > fences[claim.fence - 1] ?? 0 else {
                throw differ("a fence went back")
            }
            fences[claim.fence] = real.fence
            held.append(Held(model: claim, real: real))
        }
        clock = max(clock, model.fence)
        // A sender whose only message was buried was given a fence that nobody is told.
        if model.fence > 0, fences[model.fence] == nil {
            let real = try await redis.send(RedisCommand("HGET", key("ctr"), "fence")).int.map(Int64.init)
            guard let real, real > last else { throw differ("a fence went back") }
            fences[model.fence] = real
        }
    }

    private func check(_ expected: Keys.Turn, _ turn: QueueClient.Turn) throws {
        let stale = expected.stale.array.map { Portrait.senders[$0] }
        if stale != turn.stale { throw differ("stale: Redis \(turn.stale), model \(stale)") }
        for (claim, real) in zip(expected.claims, turn.claims) {
            let messages = try real.messages.map { try Envelope(decoding: $0).messageSID }
            let state = real.state.map { String(decoding: $0, as: UTF8.self) }
            let isSame =
                real.sender == Portrait.senders[claim.sender] && real.deliveries == claim.deliveries
                && messages == claim.messages.array.map(Portrait.id)
                && state == (claim.state == 0 ? nil : "S\(claim.state)")
            if !isSame { throw differ("Redis gave \(real.sender) \(real.deliveries) \(messages), the model \(claim)") }
        }
        let due: Keys.Turn.NextDue = turn.nextDue.map { $0 == .zero ? .now : .later } ?? .never
        if due != expected.nextDue { throw differ("due: Redis \(due), model \(expected.nextDue)") }
        let counts = (turn.reclaimed, turn.duplicates, turn.dead)
        if counts != (expected.reclaimed, expected.duplicates, expected.buried) {
            throw differ("reclaimed, duplicates, dead: Redis \(counts), model \(expected)")
        }
    }

    /// Renews what is held, and tries to renew what was settled.
    mutating func heartbeat() async throws {
        var leases = held.filter { _ in random.isTrue(60) }.map { ($0.model.sender, $0.model.fence, $0.real.fence) }
        if random.isTrue(30), let old = settled.randomElement(using: &random) {
            leases.append((old.model.sender, old.model.fence, old.real.fence))
        }
        guard !leases.isEmpty else { return }
        trace.append("heartbeat \(leases.map(\.0))")
        let expected = model.heartbeat(leases.map { ($0.0, $0.1) }).array.map { Portrait.senders[$0] }
        let lost = try await queue.heartbeat(shard: 0, leases.map { (Portrait.senders[$0.0], $0.2) })
        if lost != expected { throw differ("lost: Redis \(lost), model \(expected)") }
    }
}
