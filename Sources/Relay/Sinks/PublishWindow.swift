import Common

/// How long a sink may begin new deliveries: until a moment, or until someone wants to stop.
///
/// It keeps one turn of a slow sink short, so that what was delivered is acknowledged before much of it could be
/// repeated, and shards are given back in time.
final class PublishWindow: Sendable {
    private let end: ContinuousClock.Instant
    private let isClosed = Locked(false)

    init(_ length: Duration) { end = .now + length }

    /// Whether something new may be begun; to be asked before each delivery.
    var isOpen: Bool { !isClosed.withLock { $0 } && .now < end }

    /// Ends it now, from any thread.
    func close() { isClosed.withLock { $0 = true } }
}
