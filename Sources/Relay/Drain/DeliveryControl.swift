import Common

/// What a drain's shutdown reaches of the deliveries on their way, from any thread.
final class DeliveryControl: Sendable {
    private struct State {
        var windows: [ObjectIdentifier: PublishWindow] = [:]
        var stopped: ContinuousClock.Instant?
    }

    private let state = Locked(State())

    /// Opens a window for one delivery; closed from the start when the drain is to stop.
    func open(for length: Duration) -> PublishWindow {
        state.withLock { state in
            let window = PublishWindow(length)
            if state.stopped != nil { window.close() }
            state.windows[ObjectIdentifier(window)] = window
            return window
        }
    }

    /// Forgets the window of a delivery that is over.
    func ended(_ window: PublishWindow) { state.withLock { $0.windows[ObjectIdentifier(window)] = nil } }

    /// Closes all windows, now and for what follows.
    func stop() {
        state.withLock { state in
            if state.stopped == nil { state.stopped = .now }
            for window in state.windows.values { window.close() }
        }
    }

    /// Whether what is on its way has had `patience` since the drain was told to stop.
    func isOverdue(_ patience: Duration) -> Bool {
        state.withLock { $0.stopped.map { .now >= $0 + patience } ?? false }
    }
}
