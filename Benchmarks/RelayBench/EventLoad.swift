import Common
import TestSupport

/// Writers that append so many events a second, in step with the clock.
struct EventLoad {
    let ground: BenchGround
    let rate: Int
    let seconds: Int
    /// Many, so that one commit that takes long holds up few others.
    private static let writers = 40

    /// Appends with `append` until the time is over; gives back when each commit was known.
    func run(
        _ append: @escaping @Sendable (BenchGround, UUID) async throws -> String
    ) async throws -> [String: ContinuousClock.Instant] {
        let committed = Locked<[String: ContinuousClock.Instant]>([:])
        let ground = ground
        let start = ContinuousClock.now
        let step = Duration.seconds(Self.writers) / rate
        let count = rate * seconds / Self.writers
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers {
                group.addTask {
                    for turn in 0..<count {
                        let due = start + step * turn + step * writer / Self.writers
                        try await Task.sleep(until: due, clock: .continuous)
                        let id = try await append(ground, ground.users[Int.random(in: ground.users.indices)])
                        let now = ContinuousClock.now
                        committed.withLock { $0[id] = now }
                    }
                }
            }
            try await group.waitForAll()
        }
        return committed.withLock { $0 }
    }

    /// As the worker does: appends in a transaction, then tells the shard.
    static let ours: @Sendable (BenchGround, UUID) async throws -> String = { ground, user in
        let event = OutboxEvent.userRegistered(
            user, phoneNumber: "+447700900123", at: .now, cause: OutboxCause(correlationID: CorrelationID()))
        try await ground.postgres.unit([event.appendStatement()])
        ground.redis.submit(OutboxWakeUp.command(shard: event.shard), within: .seconds(1)) { _ in }
        return event.id.description
    }

    static let flagged: @Sendable (BenchGround, UUID) async throws -> String = { ground, user in
        let id = UUID.timeOrdered()
        let sql: SQL = """
            INSERT INTO flagged_events (event_id, ordering_key, event_type, payload)
            VALUES (\(id), \(user.description), 'user.registered', \(JSONText(#"{"phone_number": "+447700900123"}"#)))
            """
        try await ground.postgres.unit([sql])
        return id.description
    }
}
