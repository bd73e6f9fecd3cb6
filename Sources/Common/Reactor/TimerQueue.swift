/// What is to be run when, soonest last so that taking the next one moves nothing.
///
/// A value of the reactor's; the number of timers is the number of connections and transfers, so a
/// sorted array with binary insertion is smaller and faster than a heap.
struct TimerQueue {
    private var timers: [(deadline: ContinuousClock.Instant, id: TimerID, fire: () -> Void)] = []
    private var lastID = 0

    /// When the next timer is due; nil when there is none.
    var nextDeadline: ContinuousClock.Instant? { timers.last?.deadline }

    mutating func add(_ deadline: ContinuousClock.Instant, _ fire: @escaping () -> Void) -> TimerID {
        lastID += 1
        let id = TimerID(number: lastID)
        var low = 0
        var high = timers.count
        while low < high {
            let middle = (low + high) / 2
            if timers[middle].deadline > deadline { low = middle + 1 } else { high = middle }
        }
        timers.insert((deadline, id, fire), at: low)
        return id
    }

    mutating func remove(_ id: TimerID) { timers.removeAll { $0.id == id } }

    /// The next timer due at `now`, taken out of the queue.
    mutating func popDue(at now: ContinuousClock.Instant) -> (() -> Void)? {
        guard let next = timers.last, next.deadline <= now else { return nil }
        timers.removeLast()
        return next.fire
    }
}

/// Names a timer of a reactor, to cancel it.
package struct TimerID: Hashable, Sendable {
    fileprivate let number: Int
}
