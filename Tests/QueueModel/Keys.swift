/// Everything one shard keeps in Redis, and what the functions do to it: written from the protocol's description, not
/// from the functions' source, so that comparing the two means something.
///
/// Nothing of it is rolled back: each change is one `write`, and a call that is cut off has done the first of them.
package struct Keys: Hashable, Sendable {
    /// An entry of the ingress that is no envelope.
    package static let malformed = 255
    /// The notice to the sender of a refused message is the message's number and this.
    package static let notice = 128

    package var ingress = Line()
    package var stage = Line()
    package var ready = Line()
    package var dead = Line()
    package var seats = Seats()
    /// The SIDs of this time window and of the one before.
    package var seen = Marks()
    package var seenBefore = Marks()
    /// Messages that were refused in these windows.
    package var refused = Marks()
    package var refusedBefore = Marks()
    /// Senders who were told in this minute that they send too much.
    package var noticed = Marks()
    /// The highest fence given out, as far as Redis knows.
    package var fence = 0
    package var isPaused = false
    package var counters = Counters()

    /// How many more writes this call gets done.
    private var writesLeft = Int.max
    /// How many writes the last call did.
    package private(set) var writes = 0

    package struct Counters: Hashable, Sendable {
        package var drained = 0
        package var done = 0
        package var duplicate = 0
        package var stale = 0
        package var reclaimed = 0
        package var dead = 0
    }

    package init() {}

    private mutating func write(_ change: (inout Keys) -> Void) {
        guard writesLeft > 0 else { return }
        writesLeft -= 1
        writes += 1
        change(&self)
    }

    package func hasSeen(_ message: Int) -> Bool { seen.contains(message) || seenBefore.contains(message) }

    // MARK: Pushing and waiting

    package mutating func push(_ message: Int) { ingress.append(message) }

    /// `BLMOVE in stage`; false when there was nothing.
    package mutating func wait() -> Bool {
        guard let message = ingress.popFirst() else { return false }
        stage.append(message)
        return true
    }

    // MARK: Settle and claim

    package struct Settlement: Hashable, Sendable {
        package enum Next: UInt8, Hashable, Sendable { case ready, retry, park, release }
        package var sender: Int
        package var fence: Int
        package var done: Int
        package var next: Next
        package var state: Int

        package init(sender: Int, fence: Int, done: Int, next: Next, state: Int) {
            (self.sender, self.fence, self.done, self.next, self.state) = (sender, fence, done, next, state)
        }
    }

    package struct Claim: Hashable, Sendable {
        package var sender: Int
        package var fence: Int
        package var deliveries: Int
        package var state: Int
        package var messages: Line
    }

    package struct Turn: Hashable, Sendable {
        package enum NextDue: Hashable, Sendable { case never, now, later }
        package var stale = Line()
        package var claims: [Claim] = []
        package var nextDue = NextDue.never
        package var reclaimed = 0
        package var duplicates = 0
        package var buried = 0
    }

    /// One call: settle, reclaim, promote, drain, claim.
    ///
    /// `clock` is at least every fence that was ever given out. `writes` cuts the call off after so many changes.
    package mutating func settleAndClaim(
        _ settlements: [Settlement], senders: Int, clock: Int, _ rules: Rules, writes limit: Int = .max
    ) -> Turn {
        (writesLeft, writes) = (limit, 0)
        let before = counters
        var turn = Turn()
        for settlement in settlements where !settle(settlement, rules) { turn.stale.append(settlement.sender) }
        counters.stale += turn.stale.count
        if senders > 0 {
            reclaim(rules)
            promote(rules)
            if !isPaused {
                drain(rules)
                turn.claims = claim(senders, clock, rules)
            }
        }
        turn.reclaimed = counters.reclaimed - before.reclaimed
        turn.duplicates = counters.duplicate - before.duplicate
        turn.buried = counters.dead - before.dead
        turn.nextDue = nextDue(rules)
        writesLeft = .max
        return turn
    }

    /// False when the fence is not the current one: then nothing changes.
    private mutating func settle(_ settlement: Settlement, _ rules: Rules) -> Bool {
        let sender = settlement.sender
        let seat = seats[sender]
        let isCurrent = seat.hasOwner && seat.fence == settlement.fence
        guard isCurrent || rules.bugs.contains(.settleWithoutFence) else { return false }
        let done = settlement.done + (rules.bugs.contains(.trimsOneTooMany) && settlement.done > 0 ? 1 : 0)
        let trimsFirst = rules.bugs.contains(.trimsBeforeDisowning)

        if settlement.state != 0 { write { $0.seats[sender].state = settlement.state } }
        if trimsFirst { write { $0.seats[sender].queue.removeFirst(done) } }
        // From here on the settlement cannot be repeated; what a cut leaves behind comes again when the lease runs out.
        let givesBack = settlement.next == .release || settlement.next == .park
        let returned = givesBack && !rules.bugs.contains(.releaseCounts) ? 1 : 0
        let deliveries = settlement.done > 0 ? 0 : max(0, seat.deliveries - returned)
        write { $0.seats[sender].own(fence: 0, deliveries: deliveries) }
        if !trimsFirst, done > 0 { write { $0.seats[sender].queue.removeFirst(done) } }
        if settlement.next == .retry, rules.bugs.contains(.retryMovesTheMessage), let head = seat.queue.first {
            write {
                $0.seats[sender].queue.removeFirst(1)
                $0.seats[sender].queue.append(head)
            }
        }
        if !seats[sender].queue.isEmpty {
            switch settlement.next {
            case .ready: write { $0.ready.append(sender) }
            case .release: write { $0.ready.prepend(sender) }
            case .retry, .park: write { $0.seats[sender].delay = .later }
            }
        }
        if seats[sender].queue.isEmpty || deliveries == 0, !rules.bugs.contains(.leavesOwner) {
            write { $0.seats[sender].disown() }
        }
        write { $0.seats[sender].lease = .none }
        counters.done += settlement.done
        return true
    }

    /// Senders whose lease has run out come first again, the longest waiting before the others.
    private mutating func reclaim(_ rules: Rules) {
        guard !rules.bugs.contains(.neverReclaims) else { return }
        let lapsed = over(rules) { $0.lease.rank }
        var index = lapsed.count - 1
        while index >= 0 {
            let sender = lapsed[index]
            let deliveries = seats[sender].deliveries
            write { $0.ready.prepend(sender) }
            write { $0.seats[sender].own(fence: 0, deliveries: deliveries) }
            write { $0.seats[sender].lease = .none }
            counters.reclaimed += 1
            index -= 1
        }
    }

    private mutating func promote(_ rules: Rules) {
        let due = over(rules) { $0.delay.rank }
        var index = 0
        while index < due.count {
            let sender = due[index]
            write { $0.ready.append(sender) }
            write { $0.seats[sender].delay = .none }
            index += 1
        }
    }

    private mutating func drain(_ rules: Rules) {
        var room = rules.drained
        let stageFirst = !rules.bugs.contains(.stageBehindIngress)
        for takesStage in [stageFirst, !stageFirst] {
            let batch = (takesStage ? stage : ingress).prefix(room)
            guard !batch.isEmpty else { continue }
            room -= batch.count
            if rules.bugs.contains(.drainRemovesFirst) { remove(batch.count, fromStage: takesStage) }
            for index in 0..<batch.count { distribute(batch[index], rules) }
            if !rules.bugs.contains(.drainRemovesFirst) { remove(batch.count, fromStage: takesStage) }
            counters.drained += batch.count
        }
    }

    private mutating func remove(_ number: Int, fromStage: Bool) {
        write { if fromStage { $0.stage.removeFirst(number) } else { $0.ingress.removeFirst(number) } }
    }

    /// Brings one message to its sender, who gets a place in the ring if there was none.
    private mutating func distribute(_ message: Int, _ rules: Rules) {
        if message == Self.malformed {
            write { $0.dead.append(message) }
            counters.dead += 1
            return
        }
        guard !hasSeen(message) || rules.bugs.contains(.noDedup) else {
            counters.duplicate += 1
            return
        }
        let sender = rules.sender(of: message)
        let wasIdle = seats[sender].queue.isEmpty
        if rules.bugs.contains(.remembersBeforeAdding) { write { $0.seen.insert(message) } }
        write { $0.seats[sender].queue.append(message) }
        if wasIdle {
            write { if rules.bugs.contains(.newestFirst) { $0.ready.prepend(sender) } else { $0.ready.append(sender) } }
        }
        write { $0.seen.insert(message) }
    }

    private mutating func claim(_ most: Int, _ clock: Int, _ rules: Rules) -> [Claim] {
        var claims: [Claim] = []
        let picked = ready.prefix(most)
        var index = 0
        while index < picked.count {
            let sender = picked[index]
            index += 1
            let given = (rules.bugs.contains(.fenceFromCounterAlone) ? fence : max(fence, clock)) + 1
            write { $0.fence = given }
            var deliveries = seats[sender].deliveries + 1
            if deliveries > rules.deliveries, let head = seats[sender].queue.first {
                // Nobody who held the head before may settle, and trim, any more.
                write { $0.seats[sender].own(fence: given, deliveries: 0) }
                write { $0.dead.append(head) }
                write { $0.seats[sender].queue.removeFirst(1) }
                counters.dead += 1
                deliveries = 1
            }
            let messages = seats[sender].queue.prefix(rules.messagesPerClaim)
            if messages.isEmpty {
                write { $0.seats[sender].disown() }
            } else {
                write { $0.seats[sender].own(fence: given, deliveries: deliveries) }
                write { $0.seats[sender].lease = .later }
                claims.append(
                    Claim(
                        sender: sender, fence: given, deliveries: deliveries, state: seats[sender].state,
                        messages: messages))
            }
            if !rules.bugs.contains(.claimLeavesReady) {
                write { $0.ready.removeFirst(1) }
            }
        }
        return claims
    }

    /// Senders whose lease or delay is over, in the order in which it was.
    private func over(_ rules: Rules, _ due: (Seat) -> UInt8) -> Line {
        var senders = Line()
        var rank: UInt8 = 0
        while senders.count < rules.batch {
            var next: (sender: Int, rank: UInt8)?
            var sender = 0
            while sender < rules.senders {
                let candidate = due(seats[sender])
                if candidate > rank, candidate != Due.later.rank, candidate < next?.rank ?? 255 {
                    next = (sender, candidate)
                }
                sender += 1
            }
            guard let found = next else { break }
            senders.append(found.sender)
            rank = found.rank
        }
        return senders
    }

    private func nextDue(_ rules: Rules) -> Turn.NextDue {
        var soonest = Turn.NextDue.never
        for sender in 0..<rules.senders {
            for due in [seats[sender].lease, seats[sender].delay] where due.isSet {
                if due.isOver { return .now }
                soonest = .later
            }
        }
        return soonest
    }

    // MARK: Leases

    /// Renews the leases whose fence is the current one; the others are lost.
    package mutating func heartbeat(_ held: [(sender: Int, fence: Int)]) -> Line {
        var lost = Line()
        for (sender, fence) in held {
            if seats[sender].hasOwner, seats[sender].fence == fence {
                if seats[sender].lease.isSet { seats[sender].lease = .later }
            } else {
                lost.append(sender)
            }
        }
        return lost
    }
}
