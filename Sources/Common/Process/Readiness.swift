import CoreMetrics

/// Whether this process may be given work; what `/ready` answers, and `whatsapp_ready{check}` shows.
///
/// Ready is who has been started, has passed every check it requires, and has not been told to stop.
package final class Readiness: Sendable {
    private struct State {
        var checks: [String: Bool] = [:]
        var hasStarted = false
        var isShuttingDown = false
    }

    private let state = Locked(State())

    package init() {}

    /// Adds checks that must pass first; call it while services are being made.
    package func require(_ checks: String...) {
        state.withLock { state in
            for check in checks where state.checks[check] == nil {
                state.checks[check] = false
                Self.show(check, false)
            }
        }
    }

    /// Says how a check came out; a check that is not known yet is required from now on.
    package func set(_ check: String, _ ok: Bool) {
        state.withLock { state in
            // A check that is repeated every second says the same nearly always.
            guard state.checks.updateValue(ok, forKey: check) != ok else { return }
            Self.show(check, ok)
        }
    }

    /// Says that all services have been made and are about to run.
    package func started() { state.withLock { $0.hasStarted = true } }

    /// From now on the process is not ready, for good.
    package func beginShutdown() { state.withLock { $0.isShuttingDown = true } }

    package var isReady: Bool {
        state.withLock { $0.hasStarted && !$0.isShuttingDown && $0.checks.values.allSatisfy { $0 } }
    }

    package var isShuttingDown: Bool { state.withLock { $0.isShuttingDown } }

    /// The checks that have not passed, in alphabetical order.
    package var waitingFor: [String] {
        state.withLock { $0.checks.filter { !$0.value }.keys.sorted() }
    }

    private static func show(_ check: String, _ ok: Bool) {
        Meter(label: MetricName.ready.rawValue, dimensions: [("check", check)]).set(ok ? 1 : 0)
    }
}
