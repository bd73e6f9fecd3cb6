extension World {
    /// Takes a step and gives back the first invariant of steps that it breaks.
    package mutating func take(_ action: Action, _ scope: Scope) -> Invariant? {
        let subject = Int(action.subject)
        let rules = scope.rules
        if action.kind.isFault { faultsLeft -= 1 }
        var broken: Invariant?
        switch action.kind {
        case .push:
            push(accepted)
            accepted += 1
        case .pushAgain:
            push(subject)
        case .wait:
            _ = keys.wait()
        case .turn:
            broken = turn(subject, rules)
        case .unanswered:
            // The call happened; the worker settles once more, and nobody knows of what was claimed.
            let worker = self[worker: subject]
            broken = turn(subject, rules)
            self[worker: subject] = worker.phase == .finished ? worker : Worker()
        case .cut:
            let worker = self[worker: subject]
            broken = turn(subject, rules, writes: Int(action.detail))
            self[worker: subject] = worker
            (isTorn, hasLost) = (true, true)
        case .read:
            read(subject, rules)
        case .commit:
            broken = commit(subject, rules)
        case .outage:
            if action.detail == 1 { broken = commit(subject, rules) }
            if self[worker: subject].isHolding { self[worker: subject].finish(.park) }
        case .fail:
            self[worker: subject].finish(.retry)
        case .release:
            self[worker: subject].finish(.release)
        case .send:
            send(subject, rules)
        case .crashSending:
            attempt(subject, reached: action.detail == 1, rules)
            self[worker: subject] = Worker()
        case .silence:
            if attempt(subject, reached: action.detail == 1, rules) { self[worker: subject].finish(.park) }
        case .crash:
            self[worker: subject] = Worker()
        case .heartbeat:
            _ = keys.heartbeat([(self[worker: subject].sender, self[worker: subject].fence)])
        case .lapse, .outlive:
            keys.lapse(subject, rules)
        case .due:
            keys.fallDue(subject, rules)
        case .save:
            (saved, hasSaved, savedPushes) = (keys, true, pushes)
        case .lose:
            lose()
        case .backfill:
            backfill(rules)
        case .forget:
            (keys.seen, keys.seenBefore) = (Marks(), Marks())
        case .repair:
            keys.repair(rules)
            isTorn = false
        case .replay:
            keys.replay(subject)
            notePush(subject)
        case .discard:
            keys.discard(subject)
            discarded.insert(subject)
        case .pause, .resume:
            keys.isPaused = action.kind == .pause
        }
        normalise(rules)
        return broken
    }

    // MARK: Ingest and the provider

    private mutating func push(_ message: Int) {
        keys.push(message)
        notePush(message)
    }

    private mutating func notePush(_ message: Int) {
        arrivals.append(message)
        if !pushes.contains(message) { pushes.append(message) }
    }

    /// Pushes what was never handled, and what was handled but not answered to the end.
    private mutating func backfill(_ rules: Rules) {
        for message in 0..<accepted where !discarded.has(message) {
            let isAnswered = sent.has(message) || rules.bugs.contains(.backfillForgetsReplies)
            if !recorded.has(message) || !isAnswered { push(message) }
        }
        needsBackfill = false
    }

    private mutating func lose() {
        for index in 0..<pushes.count where !savedPushes.contains(pushes[index]) { everLost.insert(pushes[index]) }
        keys = saved
        pushes = savedPushes
        arrivals = saved.stage
        arrivals.append(saved.ingress)
        (saved, savedPushes, hasSaved) = (Keys(), Line(), false)
        (hasLost, needsBackfill) = (true, true)
    }

    // MARK: A worker and Redis

    private mutating func turn(_ index: Int, _ rules: Rules, writes: Int = .max) -> Invariant? {
        let before = keys
        let worker = self[worker: index]
        let settlement = worker.phase == .finished ? worker.settlement : nil
        var clock = keys.fence
        for sender in 0..<rules.senders { clock = max(clock, issued[sender]) }
        let turn = keys.settleAndClaim(
            settlement.map { [$0] } ?? [], senders: 1, clock: clock, rules, writes: writes)

        arrivals.removeFirst(before.ingress.count + before.stage.count - keys.ingress.count - keys.stage.count)
        if writes != .max {
            arrivals = keys.stage
            arrivals.append(keys.ingress)
        }
        self[worker: index] = Worker()
        if let claim = turn.claims.first { self[worker: index] = Worker(claim) }
        noteStrikes(before, settlement, turn, rules)
        return brokenByTurn(before, settlement, turn, isCut: writes != .max, rules)
    }

    private mutating func noteStrikes(
        _ before: Keys, _ settlement: Keys.Settlement?, _ turn: Keys.Turn, _ rules: Rules
    ) {
        if let settlement, turn.stale.isEmpty {
            if settlement.done > 0 {
                strikes[settlement.sender] = 0
            } else if settlement.next == .retry {
                strikes[settlement.sender] += 1
            }
        }
        for sender in 0..<rules.senders {
            let settled = settlement?.sender == sender && turn.stale.isEmpty
            if before.seats[sender].lease.isOver, !settled { strikes[sender] += 1 }
            if keys.seats[sender].queue.isEmpty { strikes[sender] = 0 }
        }
        if keys.dead.count > before.dead.count {
            var index = before.dead.count
            while index < keys.dead.count {
                if keys.dead[index] != Keys.malformed {
                    everDead.insert(keys.dead[index])
                    strikes[rules.sender(of: keys.dead[index])] = 0
                }
                index += 1
            }
        }
    }

    // MARK: A worker and Postgres

    private mutating func read(_ index: Int, _ rules: Rules) {
        let message = self[worker: index].message
        self[worker: index].isPast = recorded.has(message)
        self[worker: index].lastState = lastState(of: self[worker: index].sender, rules)
        self[worker: index].isSent = sent.has(message)
        self[worker: index].attempts = attempts(of: message)
        self[worker: index].phase = .read
    }

    private mutating func commit(_ index: Int, _ rules: Rules) -> Invariant? {
        let worker = self[worker: index]
        let (sender, message) = (worker.sender, worker.message)
        guard storedFences[sender] <= worker.fence || rules.bugs.contains(.commitWithoutFence) else {
            // A later owner has committed: we are the zombie, and settle nothing.
            self[worker: index] = Worker()
            return nil
        }
        let isOldRead = worker.lastState != lastState(of: sender, rules) && !rules.bugs.contains(.decidesFromAnOldRead)
        if !worker.isPast, recorded.has(message) || isOldRead {
            // Another committed since we read: read again.
            self[worker: index].finish(.park)
            return nil
        }
        let broken: Invariant? = worker.fence < storedFences[sender] ? .i10 : nil
        storedFences[sender] = worker.fence
        self[worker: index].phase = .committed
        self[worker: index].state = message + 1
        guard !worker.isPast else { return broken }

        let trustsRedis = rules.bugs.contains(.trustsStateInRedis) && worker.state != 0
        let state = trustsRedis || worker.lastState == 0 ? worker.state : worker.lastState
        let isRightState = state == lastState(of: sender, rules)
        effects.append(message)
        if !rules.bugs.contains(.noInboundRow) { recorded.insert(message) }
        (self[worker: index].isSent, self[worker: index].attempts) = (false, 0)
        return broken ?? (isRightState ? nil : .state)
    }

    // MARK: A worker and the provider

    private mutating func send(_ index: Int, _ rules: Rules) {
        let worker = self[worker: index]
        let isFound = worker.attempts > 0 && provider.contains(worker.message) && !rules.bugs.contains(.sendsBlindly)
        guard worker.isSent || isFound || attempt(index, reached: true, rules) else { return }
        sent.insert(worker.message)
        self[worker: index].advance()
    }

    /// Notes the attempt and makes it; false when it is not to be made, and then the worker has let go or reads again.
    ///
    /// One step: an attempt lasts 30 s at most, and nobody looks for its traces before.
    @discardableResult
    private mutating func attempt(_ index: Int, reached: Bool, _ rules: Rules) -> Bool {
        let worker = self[worker: index]
        guard storedFences[worker.sender] == worker.fence || rules.bugs.contains(.sendsWithoutFence) else {
            self[worker: index] = Worker()
            return false
        }
        guard attempts(of: worker.message) == worker.attempts || rules.bugs.contains(.attemptsWithoutComparing) else {
            // Another has tried since we read.
            self[worker: index].finish(.park)
            return false
        }
        attempts += 1 << UInt64(4 * worker.message)
        if reached { provider.append(worker.message) }
        return true
    }

    // MARK: Equal states

    /// Renumbers what only its order matters of, so that states that differ in nothing else are equal.
    private mutating func normalise(_ rules: Rules) {
        if faultsLeft == 0, hasSaved { (saved, savedPushes, hasSaved) = (Keys(), Line(), false) }
        let seats = keys.seats
        for sender in 0..<rules.senders {
            issued[sender] = max(issued[sender], seats[sender].fence)
        }
        guard !rules.bugs.contains(.fenceFromCounterAlone) else { return }
        keys.fence = 0
        saved.fence = 0
        for sender in 0..<rules.senders { renumberFences(of: sender) }
    }

    private mutating func renumberFences(of sender: Int) {
        var present: UInt64 = 0
        func note(_ fence: Int) { if fence > 0 { present |= 1 << UInt64(fence) } }
        note(keys.seats[sender].fence)
        note(saved.seats[sender].fence)
        note(storedFences[sender])
        note(issued[sender])
        if first.isHolding, first.sender == sender { note(first.fence) }
        if second.isHolding, second.sender == sender { note(second.fence) }
        // Already 1, 2, 3 … without a gap.
        if present & (present &+ 2) == 0 { return }
        func rank(_ fence: Int) -> Int {
            fence == 0 ? 0 : (present & ((2 << UInt64(fence)) - 1)).nonzeroBitCount
        }
        keys.seats[sender].fence = rank(keys.seats[sender].fence)
        saved.seats[sender].fence = rank(saved.seats[sender].fence)
        storedFences[sender] = rank(storedFences[sender])
        issued[sender] = rank(issued[sender])
        if first.isHolding, first.sender == sender { first.fence = rank(first.fence) }
        if second.isHolding, second.sender == sender { second.fence = rank(second.fence) }
    }
}
