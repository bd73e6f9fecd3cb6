extension World {
    /// What can happen next.
    package func actions(_ scope: Scope, into actions: inout [Action]) {
        actions.removeAll(keepingCapacity: true)
        if accepted < scope.messages { actions.append(Action(.push)) }
        if scope.waits, !keys.ingress.isEmpty, keys.stage.count < scope.workers { actions.append(Action(.wait)) }
        timeActions(scope, into: &actions)
        for index in 0..<scope.workers {
            // Workers are alike: of two that are idle, one moves.
            if index == 1, !first.isHolding, !second.isHolding { continue }
            steps(of: index, scope, into: &actions)
            if faultsLeft > 0 { faults(of: index, scope, into: &actions) }
        }
        if needsBackfill { actions.append(Action(.backfill)) }
        if isTorn { actions.append(Action(.repair)) }
        if keys.isPaused { actions.append(Action(.resume)) }
        if faultsLeft > 0 { faults(scope, into: &actions) }
    }

    private func timeActions(_ scope: Scope, into actions: inout [Action]) {
        var sender = 0
        while sender < scope.rules.senders {
            let seat = keys.seats[sender]
            if seat.lease == .later {
                if !isHeld(sender) {
                    actions.append(Action(.lapse, sender))
                } else if faultsLeft > 0, scope.kinds.contains(.outlive) {
                    actions.append(Action(.outlive, sender))
                }
            }
            if seat.delay == .later { actions.append(Action(.due, sender)) }
            sender += 1
        }
    }

    /// Whether the worker that has a sender's current fence is alive.
    private func isHeld(_ sender: Int) -> Bool {
        let fence = keys.seats[sender].fence
        return (first.isHolding && first.sender == sender && first.fence == fence)
            || (second.isHolding && second.sender == sender && second.fence == fence)
    }

    /// Whether a turn of an idle worker would do anything.
    private func hasWork(_ rules: Rules) -> Bool {
        if !keys.isPaused, !keys.ready.isEmpty || !keys.ingress.isEmpty || !keys.stage.isEmpty { return true }
        for sender in 0..<rules.senders where keys.seats[sender].lease.isOver || keys.seats[sender].delay.isOver {
            return true
        }
        return false
    }

    private func steps(of index: Int, _ scope: Scope, into actions: inout [Action]) {
        let worker = self[worker: index]
        switch worker.phase {
        case .idle: if hasWork(scope.rules) { actions.append(Action(.turn, index)) }
        case .claimed: actions.append(Action(.read, index))
        case .read: actions.append(Action(.commit, index))
        case .committed: actions.append(Action(.send, index))
        case .finished: actions.append(Action(.turn, index))
        }
        if worker.isHolding, keys.seats[worker.sender].lease.isOver, keys.seats[worker.sender].fence == worker.fence {
            actions.append(Action(.heartbeat, index))
        }
    }

    private func faults(of index: Int, _ scope: Scope, into actions: inout [Action]) {
        let worker = self[worker: index]
        func add(_ kind: Action.Kind, _ detail: Int = 0) {
            if scope.kinds.contains(kind) { actions.append(Action(kind, index, detail)) }
        }
        switch worker.phase {
        case .idle:
            break
        case .claimed:
            add(.crash)
            add(.release)
        case .read:
            // Ending here is the same as ending before the reading.
            add(.fail)
            add(.outage, 0)
            add(.outage, 1)
        case .committed:
            add(.crash)
            if !worker.isSent, worker.attempts == 0 || !provider.contains(worker.message) {
                for reached in 0...1 {
                    add(.crashSending, reached)
                    add(.silence, reached)
                }
            }
        case .finished:
            add(.crash)
            add(.unanswered)
        }
        if scope.kinds.contains(.cut), worker.phase == .finished || (worker.phase == .idle && hasWork(scope.rules)) {
            var whole = keys
            let settlements = worker.phase == .finished ? [worker.settlement] : []
            _ = whole.settleAndClaim(settlements, senders: 1, clock: 1000, scope.rules)
            for writes in 1..<max(1, whole.writes) { add(.cut, writes) }
        }
    }

    private func faults(_ scope: Scope, into actions: inout [Action]) {
        if scope.kinds.contains(.pushAgain) {
            for message in 0..<accepted { actions.append(Action(.pushAgain, message)) }
        }
        // One loss: its invariants speak of what was lost once.
        if scope.kinds.contains(.lose), !hasLost { actions.append(Action(hasSaved ? .lose : .save)) }
        if scope.kinds.contains(.forget), keys.seen != Marks() { actions.append(Action(.forget)) }
        if scope.kinds.contains(.pause), !keys.isPaused { actions.append(Action(.pause)) }
        for kind in [Action.Kind.replay, .discard] where scope.kinds.contains(kind) {
            for message in keys.dead.array where message != Keys.malformed { actions.append(Action(kind, message)) }
        }
    }

    // MARK: Draining

    /// What keeps everything from being settled although nothing goes wrong any more and everybody moves in turn, and
    /// the steps that show it; nil when all is settled in the end.
    package func obstacle(_ scope: Scope) -> (broken: Invariant, steps: [Action])? {
        var scope = scope
        scope.messages = 0
        scope.kinds = []
        scope.waits = false
        var world = self
        world.faultsLeft = 0
        var actions: [Action] = []
        var taken: [Action] = []
        for round in 0..<200 {
            world.actions(scope, into: &actions)
            guard !actions.isEmpty else { return world.isDrained(scope.rules) ? nil : (.i11, taken) }
            let action = actions[round % actions.count]
            taken.append(action)
            if let broken = world.take(action, scope) ?? world.broken(scope.rules) { return (broken, taken) }
        }
        return (.i11, taken)
    }

    private func isDrained(_ rules: Rules) -> Bool {
        guard keys.ingress.isEmpty, keys.stage.isEmpty, !first.isHolding, !second.isHolding
        else { return false }
        for sender in 0..<rules.senders where !keys.seats[sender].queue.isEmpty { return false }
        for message in 0..<accepted {
            let isAnswered = effects.contains(message) && (provider.contains(message) || everDead.has(message))
            if !isAnswered, !keys.dead.contains(message), !discarded.has(message) { return false }
        }
        return true
    }
}
