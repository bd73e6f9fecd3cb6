import Common

/// Has what Redis gave up on copied into the table before it is shown, but not with every page.
///
/// Workers copy at once; this is for when none runs.
final class LetterCopies: Sendable {
    private static let interval = Duration.seconds(5)
    private let copied = Locked<ContinuousClock.Instant?>(nil)
    /// What the queue had given up on when it was copied last.
    private let seen = Locked(0)

    /// The dead letters that `filter` means.
    func letters(_ servers: ConnectedOperator, _ filter: DeadLetterFilter) async throws -> DeadLetters {
        let isFresh = copied.withLock { $0.map { .now - $0 < Self.interval } ?? false }
        let letters = try await DeadLetters(servers, filter, copying: !isFresh)
        if !isFresh { copied.withLock { $0 = .now } }
        return letters
    }

    /// Copies when the queue has given up on more since it was asked last, so that the figure of open ones is right even
    /// while no worker runs.
    func look(_ queue: QueueOverview, _ servers: ConnectedOperator) async {
        let dead = queue.sum(\.dead) + queue.sum(\.deadTotal)
        guard dead > 0, seen.withLock({ $0 }) != dead else { return }
        guard (try? await servers.recordDeadLetters()) != nil else { return }
        copied.withLock { $0 = .now }
        seen.withLock { $0 = dead }
    }
}
