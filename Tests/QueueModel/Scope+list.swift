extension Scope {
    /// Small enough for an unoptimised build: one fault of every kind there is, and two with a single sender.
    package static let quick: [Scope] = [
        accidents(faults: 1, sampled: 16),
        accidents(senders: 1, messages: 2, faults: 2, sampled: 16),
        halves(faults: 1, sampled: 8),
        operators(messages: 2, faults: 3, sampled: 8),
    ]

    /// In minutes, optimised, every state drained.
    package static let full: [Scope] = [
        accidents(faults: 1),
        accidents(senders: 1, faults: 2),
        halves(faults: 2),
        operators(messages: 3, faults: 4),
        accidents(faults: 2),
    ]

    /// The same, with one state in 16 drained: for an unoptimised build.
    package static let long = full.map { scope in
        var scope = scope
        scope.drainedSample = 16
        return scope
    }

    /// What happens by itself.
    private static func accidents(
        senders: Int = 2, messages: Int = 3, faults: Int, sampled: UInt64 = 1
    ) -> Scope {
        Scope("accidents", accidents, senders, messages, faults, sampled)
    }

    /// Calls cut off in the middle, and crashes; then repaired.
    private static func halves(faults: Int, sampled: UInt64 = 1) -> Scope {
        Scope("cut calls", [.cut, .crash, .outlive, .unanswered], 2, 3, faults, sampled)
    }

    /// Dead letters replayed and discarded, and claiming stopped, among failing messages.
    private static func operators(messages: Int, faults: Int, sampled: UInt64 = 1) -> Scope {
        var scope = Scope(
            "operators", [.fail, .crash, .replay, .discard, .pause, .pushAgain, .forget], 2, messages, faults, sampled)
        scope.rules.deliveries = 1
        return scope
    }

    private init(
        _ name: String, _ kinds: Set<Action.Kind>, _ senders: Int, _ messages: Int, _ faults: Int, _ sampled: UInt64
    ) {
        self.init("\(name), senders: \(senders), messages: \(messages), workers: 2, faults: \(faults)", kinds: kinds)
        rules.senders = senders
        self.messages = messages
        self.faults = faults
        drainedSample = sampled
    }
}
