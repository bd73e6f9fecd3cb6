/// One timer for many deadlines, armed for the earliest.
///
/// A timer for each command would cost more than the command. Answered commands leave the timer alone:
/// it fires, finds nothing due and is armed for what waits then.
package final class DeadlineTimer {
    private let reactor: Reactor
    /// Does what is due and gives back the earliest deadline that is left.
    private var onDue: (ContinuousClock.Instant) -> ContinuousClock.Instant?
    private var armed: (deadline: ContinuousClock.Instant, id: TimerID)?

    package init(_ reactor: Reactor, onDue: @escaping (ContinuousClock.Instant) -> ContinuousClock.Instant?) {
        self.reactor = reactor
        self.onDue = onDue
    }

    /// Makes sure that the timer fires at `deadline` at the latest.
    package func cover(_ deadline: ContinuousClock.Instant) {
        if let armed {
            guard deadline < armed.deadline else { return }
            reactor.cancel(armed.id)
        }
        armed = (deadline, reactor.after(deadline - .now) { [weak self] in self?.fire() })
    }

    /// Drops the timer; what waits is not covered any more.
    package func cancel() {
        if let armed { reactor.cancel(armed.id) }
        armed = nil
    }

    private func fire() {
        armed = nil
        if let next = onDue(.now) { cover(next) }
    }
}
