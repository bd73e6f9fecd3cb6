/// A gate that opens once; tasks wait at it, up to a deadline.
///
/// An actor, although everything happens on the reactor's thread: in a nonisolated function the cancellation
/// handler's operation would leave that thread.
package actor Latch {
    private struct Waiter {
        let id: Int
        let timer: TimerID?
        let continuation: CheckedContinuation<Bool, Never>
    }

    package nonisolated let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private var waiters: [Waiter] = []
    private var lastID = 0
    private var hasOpened = false

    package init(_ reactor: Reactor) { self.reactor = reactor }

    /// Whether it was opened; to be asked on the reactor's thread.
    package nonisolated var isOpen: Bool { assumeIsolated { $0.hasOpened } }

    /// Lets everyone through, now and from now on; to be called on the reactor's thread.
    ///
    /// Safe to call twice.
    package nonisolated func open() {
        assumeIsolated { latch in
            latch.hasOpened = true
            for waiter in latch.waiters { latch.release(waiter, true) }
            latch.waiters = []
        }
    }

    /// Waits until the gate opens; false when `deadline` came first or the task was cancelled.
    package func wait(until deadline: ContinuousClock.Instant? = nil) async -> Bool {
        lastID += 1
        let id = lastID
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Asked here and not before: other work of the reactor can run before this closure does.
                if hasOpened { return continuation.resume(returning: true) }
                if Task.isCancelled { return continuation.resume(returning: false) }
                let timer = deadline.map { deadline in
                    reactor.after(deadline - .now) { self.turnAway(id) }
                }
                waiters.append(Waiter(id: id, timer: timer, continuation: continuation))
            }
        } onCancel: {
            reactor.submit { self.assumeIsolated { $0.turnAway(id) } }
        }
    }

    private func turnAway(_ id: Int) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        release(waiters.remove(at: index), false)
    }

    private func release(_ waiter: Waiter, _ result: Bool) {
        if let timer = waiter.timer { reactor.cancel(timer) }
        waiter.continuation.resume(returning: result)
    }
}
