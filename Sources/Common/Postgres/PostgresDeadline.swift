/// Calls back at the earliest of many deadlines with one timer, where most are over before they are due.
///
/// Belongs to the reactor's thread.
final class PostgresDeadline {
    private let reactor: Reactor
    private let onDue: () -> Void
    private var armed: (deadline: ContinuousClock.Instant, timer: TimerID)?

    init(_ reactor: Reactor, onDue: @escaping () -> Void) {
        self.reactor = reactor
        self.onDue = onDue
    }

    /// Sees to it that `onDue` is called at `deadline` or before; it then looks what is due, and covers the rest.
    func cover(_ deadline: ContinuousClock.Instant) {
        if let armed {
            guard deadline < armed.deadline else { return }
            reactor.cancel(armed.timer)
        }
        let timer = reactor.after(max(.zero, deadline - .now)) { [weak self] in
            self?.armed = nil
            self?.onDue()
        }
        armed = (deadline, timer)
    }

    func stop() {
        if let armed { reactor.cancel(armed.timer) }
        armed = nil
    }
}
