import Common

/// How many senders a worker may hold at once, whatever shards they come from (`WORKER_CONCURRENCY`).
///
/// It belongs to the reactor's thread, as the consumers do that share it.
final class ConcurrencyBudget: Sendable {
    private struct State {
        var free: Int
        var starved: [@Sendable () -> Void] = []
    }
    private let state: Locked<State>

    /// How many places there are.
    let size: Int

    init(_ size: Int) {
        self.size = size
        state = Locked(State(free: size))
    }

    /// How many places are taken now.
    var taken: Int { size - state.withLock { $0.free } }

    /// Takes up to `wanted` places, at least none.
    func take(upTo wanted: Int) -> Int {
        state.withLock { state in
            let taken = max(0, min(wanted, state.free))
            state.free -= taken
            return taken
        }
    }

    /// Gives places back and wakes those who found none.
    func giveBack(_ places: Int) {
        guard places > 0 else { return }
        let starved = state.withLock { state in
            state.free += places
            defer { state.starved = [] }
            return state.starved
        }
        for wake in starved { wake() }
    }

    /// Calls `wake` once when a place becomes free.
    func whenFree(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.starved.append(wake) }
    }
}
