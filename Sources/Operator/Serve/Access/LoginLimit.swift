import Common

/// How often somebody may try a token: five times a minute from one address, sixty times a minute in all.
final class LoginLimit: Sendable {
    static let perAddress = 5
    static let inAll = 60
    static let window = Duration.seconds(60)

    private let failures = Locked<[(address: String, at: ContinuousClock.Instant)]>([])
    private let clock: @Sendable () -> ContinuousClock.Instant

    init(clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.clock = clock }

    /// Counts a try, unless there were too many: then how long to wait.
    ///
    /// What succeeds is taken back with `succeeded`, so that only failures count in the end.
    func attempt(from address: String) -> Duration? {
        let now = clock()
        return failures.withLock { failures in
            failures.removeAll { now - $0.at >= Self.window }
            let own = failures.filter { $0.address == address }
            if own.count >= Self.perAddress, let first = own.first { return Self.window - (now - first.at) }
            if failures.count >= Self.inAll, let first = failures.first { return Self.window - (now - first.at) }
            failures.append((address, now))
            return nil
        }
    }

    func succeeded(from address: String) {
        failures.withLock { failures in failures.removeAll { $0.address == address } }
    }
}
