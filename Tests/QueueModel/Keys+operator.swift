extension Keys {
    // MARK: Time

    /// A sender's lease runs out, after all that have run out before.
    package mutating func lapse(_ sender: Int, _ rules: Rules) {
        var last: UInt8 = 0
        for other in 0..<rules.senders where seats[other].lease.isOver { last = max(last, seats[other].lease.rank) }
        seats[sender].lease = Due(rank: last + 1)
    }

    /// A sender's pause is over, after all that have been over before.
    package mutating func fallDue(_ sender: Int, _ rules: Rules) {
        var last: UInt8 = 0
        for other in 0..<rules.senders where seats[other].delay.isOver { last = max(last, seats[other].delay.rank) }
        seats[sender].delay = Due(rank: last + 1)
    }

    /// A dedup window passes.
    package mutating func rotateWindows() {
        (seenBefore, refusedBefore) = (seen, refused)
        (seen, refused) = (Marks(), Marks())
    }

    // MARK: Accepting

    package enum Acceptance: Hashable, Sendable {
        /// So many messages wait, this one included.
        case accepted(Int)
        case throttled
        case full
    }

    /// How many messages wait in the senders' lists.
    package func held(_ rules: Rules) -> Int { (0..<rules.senders).reduce(0) { $0 + seats[$1].queue.count } }

    /// Takes a message that its sender and the shard have room for.
    ///
    /// What is refused is remembered, so that nobody fetches it later; once a minute its sender is told.
    package mutating func accept(_ message: Int, perSender: Int, inAll: Int, _ rules: Rules) -> Acceptance {
        guard held(rules) + ingress.count < inAll else { return .full }
        let sender = rules.sender(of: message)
        guard seats[sender].queue.count >= perSender else {
            ingress.append(message)
            return .accepted(held(rules) + ingress.count)
        }
        refused.insert(message)
        if !noticed.contains(sender) {
            noticed.insert(sender)
            ingress.append(message + Self.notice)
        }
        return .throttled
    }

    // MARK: What an operator does

    /// A dead letter comes to the ingress again, as if it had never been seen.
    package mutating func replay(_ message: Int) {
        ingress.append(message)
        seen.remove(message)
        seenBefore.remove(message)
        refused.remove(message)
        refusedBefore.remove(message)
        dead.remove(message)
    }

    package mutating func discard(_ message: Int) { dead.remove(message) }

    /// Puts I1 to I3 right for each sender, losing no message and no place that counts.
    ///
    /// A lease with its owner is believed before a place in the ring, that before a pause.
    package mutating func repair(_ rules: Rules) {
        for sender in 0..<rules.senders { repair(sender: sender) }
    }

    private mutating func repair(sender: Int) {
        let seat = seats[sender]
        let isHeld = seat.lease.isSet && seat.hasOwner && seat.fence != 0
        if seat.queue.isEmpty {
            ready.remove(sender)
            seats[sender].lease = .none
            seats[sender].delay = .none
            seats[sender].disown()
        } else if isHeld {
            ready.remove(sender)
            seats[sender].delay = .none
        } else {
            seats[sender].lease = .none
            seats[sender].fence = 0
            if seat.deliveries == 0 { seats[sender].disown() }
            if let place = ready.position(of: sender) {
                keepOnly(place, of: sender)
                seats[sender].delay = .none
            } else if !seat.delay.isSet {
                ready.append(sender)
            }
        }
    }

    private mutating func keepOnly(_ place: Int, of sender: Int) {
        var rest = Line()
        for index in 0..<ready.count where ready[index] != sender || index == place { rest.append(ready[index]) }
        ready = rest
    }
}
