import Common
import TestSupport

/// How fast a backlog leaves.
struct DrainBench {
    let ground: BenchGround
    let plan: BenchPlan

    /// Events a second of the built relay.
    func ours() async throws -> Double {
        try await ground.sql(
            """
            INSERT INTO outbox_events (id, shard, ordering_key, aggregate_type, aggregate_id, event_type, payload,
                                       correlation_id, causation_id)
            SELECT gen_random_uuid(), k.shard, k.id, 'user', k.id::uuid, 'user.registered', \(BenchGround.payload),
                   'b6ec5a54-5a3c-4f7a-9a2c-9a5b1c2d3e4f', 'SM0123456789abcdef0123456789abcdef'
              FROM generate_series(1, \(plan.events)) n
              JOIN (VALUES \(ground.userRows)) AS k (n, id, shard) ON k.n = n.n % \(ground.users.count);
            ANALYZE outbox_events
            """)
        return try await ground.withRelay { try await rate() }
    }

    /// Events a second of the relay that marks rows.
    func flagged() async throws -> Double {
        try await ground.sql(FlaggedRelay.table)
        try await ground.sql(
            """
            INSERT INTO flagged_events (event_id, ordering_key, event_type, payload)
            SELECT gen_random_uuid(), k.id, 'user.registered', \(BenchGround.payload)
              FROM generate_series(1, \(plan.events)) n
              JOIN (VALUES \(ground.userRows)) AS k (n, id, shard) ON k.n = n.n % \(ground.users.count);
            ANALYZE flagged_events
            """)
        return try await FlaggedRelay.run(ground) { try await rate() }
    }

    /// From the first entry that is seen to the last one.
    private func rate() async throws -> Double {
        var first: (time: ContinuousClock.Instant, length: Int)?
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let length = try await ground.length()
            let now = ContinuousClock.now
            if let first, length >= plan.events {
                return Double(length - first.length) / (now - first.time).inSeconds
            }
            if first == nil, length > 0 { first = (now, length) }
            guard now < deadline else { throw HarnessError("\(length) of \(plan.events) events after 120 s") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
