/// Everything at once: Redis, Postgres, the provider, the workers, and what has happened so far.
package struct World: Sendable {
    package var keys = Keys()
    /// Redis as it would come back, once `save` has been.
    package var saved = Keys()
    package var hasSaved = false

    // Postgres.
    /// `users.fence`.
    package var storedFences = PerSender()
    /// Messages in the order of their commits.
    package var effects = Line()
    /// `inbound_messages`.
    package var recorded: UInt64 = 0
    /// `outbound_messages`: which replies were sent as far as we know, and how often each was attempted.
    package var sent: UInt64 = 0
    package var attempts: UInt64 = 0

    /// The replies the provider has, in order.
    package var provider = Line()

    package var first = Worker()
    package var second = Worker()

    // History, for the invariants.
    /// How many messages Ingest has accepted.
    package var accepted = 0
    /// The pushes that Redis kept, each message at its first.
    package var pushes = Line()
    package var savedPushes = Line()
    /// What was pushed and not drained yet.
    package var arrivals = Line()
    /// The highest fence ever given out.
    package var issued = PerSender()
    /// Times the head of a sender's list was handed out in vain.
    package var strikes = PerSender()
    package var everDead: UInt64 = 0
    /// Messages whose push Redis lost, however often they came again.
    package var everLost: UInt64 = 0
    package var discarded: UInt64 = 0

    package var faultsLeft = 0
    /// A call was cut off, and nothing was repaired since.
    package var isTorn = false
    /// Redis has lost something or done something by half; deliveries cannot be told from then on.
    package var hasLost = false
    package var needsBackfill = false

    package init() {}

    package subscript(worker index: Int) -> Worker {
        get { index == 0 ? first : second }
        _modify { if index == 0 { yield &first } else { yield &second } }
    }

    func attempts(of message: Int) -> Int { Int(attempts >> UInt64(4 * message)) & 0xF }

    /// The latest outcome's state of a sender; 0 when there is none.
    func lastState(of sender: Int, _ rules: Rules) -> Int {
        var index = effects.count - 1
        while index >= 0 {
            if rules.sender(of: effects[index]) == sender { return effects[index] + 1 }
            index -= 1
        }
        return 0
    }
}

/// A small number for each of up to four senders.
package struct PerSender: Hashable, Sendable {
    package private(set) var bits: UInt64 = 0

    package init() {}

    package subscript(_ sender: Int) -> Int {
        get { Int(truncatingIfNeeded: bits &>> UInt64(truncatingIfNeeded: 16 &* sender)) & 0xFFFF }
        set {
            let shift = UInt64(truncatingIfNeeded: 16 &* sender)
            bits = bits & ~(0xFFFF &<< shift) | UInt64(truncatingIfNeeded: newValue) &<< shift
        }
    }
}

extension UInt64 {
    func has(_ message: Int) -> Bool { self & 1 << UInt64(message) != 0 }
    mutating func insert(_ message: Int) { self |= 1 << UInt64(message) }
}
