import Common

/// What a drain's shutdown reaches of a delivery on its way, from any thread.
final class DeliveryControl: Sendable {
    private struct State {
        var window: PublishWindow?
        var stopped: ContinuousClock.Instant?
    }

    private let state = Locked(State())

    /// Opens a window for one delivery; closed from the start when the drain is to stop.
    func open(for length: Duration) -> PublishWindow {
        state.withLock { state in
            let window = PublishWindow(length)
            if state.stopped != nil { window.close() }
            state.window = window
            return window
        }
    }

    /// Closes the window, now and for all that follow.
    func stop() {
        state.withLock { state in
            if state.stopped == nil { state.stopped = .now }
            state.window?.close()
        }
    }

    /// Whether what is on its way has had `patience` since the drain was told to stop.
    func isOverdue(_ patience: Duration) -> Bool {
        state.withLock { $0.stopped.map { .now >= $0 + patience } ?? false }
    }
}
