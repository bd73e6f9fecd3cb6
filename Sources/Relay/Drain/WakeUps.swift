import Common

/// Where hints meet the one who waits for them: the drain, between two turns.
actor WakeUps {
    /// What came in since it was last asked for.
    struct Hints: Hashable, Sendable {
        /// Shards with new events.
        var shards: Set<Int> = []
        /// Another relay gave shards back.
        var wereReleased = false
        /// Hints may have been lost.
        var mayHaveMissed = false
        /// The drain is to end.
        var isStopping = false

        var isEmpty: Bool { self == Hints() }
    }

    nonisolated let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private var hints = Hints()
    private var waiting: CheckedContinuation<Void, Never>?
    private var timer: TimerID?

    init(reactor: Reactor) { self.reactor = reactor }

    /// Takes what was published on `OutboxWakeUp.channel`, from any thread; what is neither shard nor word is ignored.
    nonisolated func receive(_ payload: String) {
        if payload == OutboxWakeUp.shardsReleased {
            tell { $0.wereReleased = true }
        } else if let shard = Int(payload), (0..<OutboxShard.count).contains(shard) {
            tell { $0.shards.insert(shard) }
        }
    }

    /// Says, from any thread, that nobody listened for a while.
    nonisolated func mayHaveMissed() { tell { $0.mayHaveMissed = true } }

    /// Ends the drain after its turn, from any thread.
    ///
    /// Safe to call twice.
    nonisolated func stop() { tell { $0.isStopping = true } }

    /// Gives back the hints as soon as there are any, none after `limit`; only one may wait.
    func next(within limit: Duration) async -> Hints {
        if hints.isEmpty, limit > .zero {
            await withCheckedContinuation { continuation in
                // Asked here too: a hint may have come before this closure runs.
                guard hints.isEmpty else { return continuation.resume() }
                waiting = continuation
                timer = reactor.after(limit) { self.assumeIsolated { $0.resume() } }
            }
        }
        defer { hints = Hints(isStopping: hints.isStopping) }
        return hints
    }

    private nonisolated func tell(_ change: @escaping @Sendable (inout Hints) -> Void) {
        reactor.submit {
            self.assumeIsolated { me in
                change(&me.hints)
                me.resume()
            }
        }
    }

    private func resume() {
        if let timer { reactor.cancel(timer) }
        timer = nil
        waiting?.resume()
        waiting = nil
    }
}
