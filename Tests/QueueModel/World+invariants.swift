extension World {
    /// The first invariant of states that does not hold here.
    package func broken(_ rules: Rules) -> Invariant? {
        if !isTorn {
            if let broken = brokenPlaces(rules) { return broken }
            if isSettled(rules), keys.ready.count > 0 { return .i12 }
        }
        return brokenHistory(rules)
    }

    private func brokenPlaces(_ rules: Rules) -> Invariant? {
        var sender = 0
        let idle = isSettled(rules)
        while sender < rules.senders {
            let seat = keys.seats[sender]
            let places =
                keys.ready.occurrences(of: sender) + (seat.lease.isSet ? 1 : 0) + (seat.delay.isSet ? 1 : 0)
            if places > 1 { return .i1 }
            if (places == 1) == seat.queue.isEmpty { return .i2 }
            if seat.lease.isSet != (seat.hasOwner && seat.fence != 0) { return .i3 }
            if idle, seat.hasOwner { return .i12 }
            sender += 1
        }
        let (a, b) = (first, second)
        if a.isHolding, b.isHolding, a.sender == b.sender, a.fence == b.fence,
            keys.seats[a.sender].fence == a.fence
        {
            return .i5
        }
        return nil
    }

    /// Nothing is accepted that is not settled.
    private func isSettled(_ rules: Rules) -> Bool {
        guard keys.ingress.isEmpty, keys.stage.isEmpty else { return false }
        var sender = 0
        while sender < rules.senders {
            if !keys.seats[sender].queue.isEmpty { return false }
            sender += 1
        }
        return true
    }

    private func brokenHistory(_ rules: Rules) -> Invariant? {
        var waiting = keys.stage
        waiting.append(keys.ingress)
        if waiting != arrivals { return .i14 }

        var index = 0
        while index < effects.count {
            if effects.occurrences(of: effects[index]) > 1 { return .i8 }
            if !isInOrder(effects[index], at: index, rules) { return .i7 }
            index += 1
        }
        index = 0
        while index < pushes.count {
            if !isKept(pushes[index], rules) { return .i9 }
            index += 1
        }
        index = 0
        while index < provider.count {
            if provider.occurrences(of: provider[index]) > 1 { return .replyOnce }
            if !isReplyInOrder(provider[index], at: index, rules) { return .replyOrder }
            index += 1
        }
        return nil
    }

    /// Whether everything of the same sender that was accepted and pushed before has had its effects before, or is dead.
    ///
    /// What was accepted before but, after a loss, pushed again after it may come before or after.
    private func isInOrder(_ message: Int, at position: Int, _ rules: Rules) -> Bool {
        guard let place = pushes.position(of: message) else { return true }
        var index = 0
        while index < place {
            let earlier = pushes[index]
            index += 1
            guard earlier < message, rules.sender(of: earlier) == rules.sender(of: message) else { continue }
            guard !everDead.has(earlier) else { continue }
            guard let effect = effects.position(of: earlier), effect < position else { return false }
        }
        return true
    }

    private func isKept(_ message: Int, _ rules: Rules) -> Bool {
        keys.ingress.contains(message) || keys.stage.contains(message)
            || keys.seats[rules.sender(of: message)].queue.contains(message) || effects.contains(message)
            || keys.dead.contains(message) || discarded.has(message)
    }

    private func isReplyInOrder(_ message: Int, at position: Int, _ rules: Rules) -> Bool {
        guard let effect = effects.position(of: message) else { return false }
        var index = 0
        while index < effect {
            let earlier = effects[index]
            index += 1
            guard rules.sender(of: earlier) == rules.sender(of: message) else { continue }
            // A message may die between its commit and its reply; a lost one comes again later.
            guard !everDead.has(earlier), !everLost.has(earlier) else { continue }
            guard let place = provider.position(of: earlier), place < position else { return false }
        }
        return true
    }

    // MARK: Steps

    /// The first invariant of steps that a turn breaks.
    func brokenByTurn(
        _ before: Keys, _ settlement: Keys.Settlement?, _ turn: Keys.Turn, isCut: Bool, _ rules: Rules
    ) -> Invariant? {
        if let claim = turn.claims.first {
            if claim.fence <= issued[claim.sender] { return .i4 }
            if !isCut, !isTorn, !hasLost, claim.deliveries != strikes[claim.sender] + 1 { return .i13 }
        }
        for sender in 0..<rules.senders {
            let was = before.seats[sender].queue
            for index in 0..<was.count where !keys.seats[sender].queue.contains(was[index]) {
                let message = was[index]
                let isSettled =
                    settlement?.sender == sender && settlement?.fence == before.seats[sender].fence
                    && effects.contains(message)
                if !isSettled, !keys.dead.contains(message) { return .i6 }
            }
        }
        return isCut || isTorn || keepsTheRing(before, settlement, turn) ? nil : .i11b
    }

    /// Whether those who waited had their turns, or still stand, in their order, with only the released and the
    /// reclaimed before them.
    private func keepsTheRing(_ before: Keys, _ settlement: Keys.Settlement?, _ turn: Keys.Turn) -> Bool {
        var order = Line()
        for claim in turn.claims { order.append(claim.sender) }
        order.append(keys.ready)
        var last = -1
        for index in 0..<order.count {
            guard let place = before.ready.position(of: order[index]) else { continue }
            if place < last { return false }
            last = place
            for earlier in 0..<index {
                let other = order[earlier]
                let mayOvertake =
                    before.ready.contains(other) || before.seats[other].lease.isOver
                    || (settlement?.sender == other && settlement?.next == .release)
                if !mayOvertake { return false }
            }
        }
        return true
    }
}
