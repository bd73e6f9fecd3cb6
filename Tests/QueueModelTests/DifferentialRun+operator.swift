import Common
import QueueModel

extension DifferentialRun {
    mutating func replayOrDiscard() async throws {
        let letters = model.dead.array.filter { $0 != Keys.malformed }
        guard let message = letters.randomElement(using: &random), model.ingress.count < 10 else { return }
        if random.isTrue(60) {
            trace.append("replay \(message)")
            model.replay(message)
            let count = try await queue.replay(shard: 0, [envelope(message).encoded()])
            if count != 1 { throw differ("Redis replayed \(count)") }
        } else {
            trace.append("discard \(message)")
            model.discard(message)
            let count = try await queue.discard(shard: 0, sids: [Portrait.id(message)])
            if count != letters.count(where: { $0 == message }) { throw differ("Redis discarded \(count)") }
        }
    }

    mutating func pauseOrResume() async throws {
        // Paused less often than not.
        model.isPaused = !model.isPaused && random.isTrue(50)
        trace.append(model.isPaused ? "pause" : "resume")
        try await queue.pause(shard: 0, model.isPaused)
    }

    mutating func passAMinute() async throws {
        trace.append("a minute passes")
        model.noticed = Marks()
        for name in Portrait.senders { try await send("DEL", key("rate:\(name):notice")) }
    }

    /// Questions, which change nothing.
    mutating func ask() async throws {
        trace.append("ask")
        let stats = try await queue.stats(shard: 0)
        let expected = [
            model.ingress.count, model.stage.count, model.ready.count,
            (0..<rules.senders).count { model.seats[$0].delay.isSet },
            (0..<rules.senders).count { model.seats[$0].lease.isSet }, model.dead.count, model.held(rules),
            model.isPaused ? 1 : 0, model.counters.drained, model.counters.done, model.counters.duplicate,
            model.counters.stale, model.counters.reclaimed, model.counters.dead,
        ]
        let real = [
            stats.ingress, stats.staged, stats.ready, stats.delayed, stats.leased, stats.dead, stats.held,
            stats.isPaused ? 1 : 0, stats.drainedTotal, stats.doneTotal, stats.duplicateTotal, stats.staleTotal,
            stats.reclaimedTotal, stats.deadTotal,
        ]
        if real != expected { throw differ("Redis counts \(real), the model \(expected)") }

        let asked = (0..<5).map { _ in random.below(max(1, pushed)) }
        let fates = try await queue.seen(shard: 0, asked.map(Portrait.id))
        for (message, fate) in zip(asked, fates) {
            let isRefused = model.refused.contains(message) || model.refusedBefore.contains(message)
            let expected: QueueClient.Fate = model.hasSeen(message) ? .accepted : isRefused ? .refused : .unknown
            if fate != expected { throw differ("Redis says of \(message): \(fate), the model \(expected)") }
        }
        let repairs = try await queue.repair(shard: 0, Portrait.senders)
        if repairs.total != 0 { throw differ("Redis mended what was not broken: \(repairs)") }
    }

    // MARK: Damage

    private enum Damage: CaseIterable {
        case noPlace, twoPlaces, noLease, noOwner, unreadableOwner, idleOwner, strayLease, strayDelay, noMessages
    }

    /// Breaks up to three things by hand and has them mended: I1 to I3 hold again, as the model has it.
    mutating func damageAndRepair() async throws {
        var mended = 0
        for _ in 0...random.below(3) {
            let sender = random.below(rules.senders)
            guard let damage = Damage.allCases.randomElement(using: &random) else { return }
            trace.append("damage \(Portrait.senders[sender]): \(damage)")
            try await apply(damage, to: sender)
        }
        model.repair(rules)
        for name in Portrait.senders { mended += try await queue.repair(shard: 0, [name]).total }
        trace.append("repair: \(mended)")
        let again = try await queue.repair(shard: 0, Portrait.senders)
        if again.total != 0 { throw differ("a second repair found \(again)") }
        for sender in 0..<rules.senders {
            let seat = model.seats[sender]
            let places =
                model.ready.occurrences(of: sender) + (seat.lease.isSet ? 1 : 0) + (seat.delay.isSet ? 1 : 0)
            let isRight =
                places == (seat.queue.isEmpty ? 0 : 1) && seat.lease.isSet == (seat.hasOwner && seat.fence != 0)
            if !isRight { throw differ("the repair leaves \(seat)") }
        }
    }

    private mutating func apply(_ damage: Damage, to sender: Int) async throws {
        let name = RedisArgument(Portrait.senders[sender])
        switch damage {
        case .noPlace:
            model.ready.remove(sender)
            try await send("LREM", key("ready"), 0, name)
        case .twoPlaces:
            model.ready.append(sender)
            try await send("RPUSH", key("ready"), name)
        case .noLease:
            model.seats[sender].lease = .none
            try await send("ZREM", key("lease"), name)
        case .noOwner:
            model.seats[sender].disown()
            try await send("HDEL", key("own"), name)
        case .unreadableOwner:
            model.seats[sender].disown()
            try await send("HSET", key("own"), name, "nonsense")
        case .idleOwner:
            model.seats[sender].own(fence: 0, deliveries: 1)
            try await send("HSET", key("own"), name, "0:1")
        case .strayLease:
            model.seats[sender].lease = .later
            try await send("ZADD", key("lease"), 4_000_000_000_000, name)
        case .strayDelay:
            model.seats[sender].delay = .later
            try await send("ZADD", key("delay"), 4_000_000_000_000, name)
        case .noMessages:
            let count = model.seats[sender].queue.count
            model.seats[sender].queue = Line()
            try await send("DEL", key("q:\(Portrait.senders[sender])"))
            if count > 0 { try await send("HINCRBY", key("ctr"), "held", .init(-count)) }
        }
    }
}
