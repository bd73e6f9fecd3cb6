import Common
import TestSupport
import Testing

@testable import Relay

@Suite struct ParkingStoreTests {
    /// Random tables: what the statement finds due is what a walk through the rows finds.
    @Test(arguments: RelayConfiguration.ParkedPolicy.allCases)
    func dueAreTheHeadsWhoseTimeHasComeAndWhatWaitsBehindThem(policy: RelayConfiguration.ParkedPolicy) async throws {
        try await withRelayFixture { fixture in
            let log = OutboxLog(
                postgres: fixture.database, sink: "webhook", owner: "me", lease: .seconds(60), policy: policy)
            let leases = LeaseStore(postgres: log.postgres, sink: "webhook", owner: "me", lease: log.lease)
            let store = ParkingStore(log: log)
            _ = try await log.identity()
            let users = (0..<4).map { _ in UUID.timeOrdered() }
            try await fixture.append(60, users: users)
            let held = try await leases.claim(64)
            for seed in UInt64(0)..<25 {
                var random = SplitMix64(seed: seed)
                let rows = (1...60).filter { _ in Bool.random(using: &random) }.map { sequence in
                    Row(
                        sequence: Int64(sequence), key: users[(sequence - 1) % 4].description,
                        isReplay: Int.random(in: 0..<4, using: &random) == 0,
                        state: ["retry", "blocked", "dead"].randomElement(using: &random) ?? "retry",
                        isDue: Int.random(in: 0..<4, using: &random) > 0)
                }
                try await fill(fixture, rows)
                let due = try await store.due(held)
                #expect(
                    sequences(due.refused) == expected(rows, isReplay: false, policy), "seed \(seed)")
                #expect(sequences(due.replays) == expected(rows, isReplay: true, .skip), "seed \(seed)")
                #expect(due.replays.allSatisfy { $0.batch.events.allSatisfy(\.isReplay) })
                // The keys of live events that must wait.
                let blocked = Set(
                    rows.filter { !$0.isReplay && ($0.state != "dead" || policy == .hold) }.map(\.key))
                let read = try await log.read(held)
                #expect(read.map(\.blockedKeys).reduce([]) { $0.union($1) } == blocked, "seed \(seed)")
            }
        }
    }

    /// Rows of other shards' holders are not ours to try.
    @Test func onlyShardsThatAreHeldAreLookedAt() async throws {
        try await withRelayFixture { fixture in
            let log = OutboxLog(postgres: fixture.database, sink: "webhook", owner: "me", lease: .seconds(60))
            let leases = LeaseStore(postgres: log.postgres, sink: "webhook", owner: "me", lease: log.lease)
            _ = try await log.identity()
            let user = UUID.timeOrdered()
            try await fixture.append(1, users: [user])
            try await fixture.replay(sink: "webhook", sequences: [1])
            let held = try await leases.claim(64)
            let shard = OutboxShard.of(user.description)
            let store = ParkingStore(log: log)
            #expect(try await store.due(held.filter { $0.shard == shard }).replays.count == 1)
            #expect(try await store.due(held.filter { $0.shard != shard }).replays.isEmpty)
            let stale = held.map { HeldShard(shard: $0.shard, epoch: $0.epoch - 1, cursor: $0.cursor) }
            #expect(try await store.due(stale).replays.isEmpty)
        }
    }

    @Test func roomIsWhatTheTableLeaves() async throws {
        try await withRelayFixture { fixture in
            let log = OutboxLog(postgres: fixture.database, sink: "webhook", owner: "me", lease: .seconds(60))
            let user = UUID.timeOrdered()
            try await fixture.append(5, users: [user])
            try await fixture.replay(sink: "webhook", sequences: [1, 2])
            _ = try await fixture.database.unit(
                """
                INSERT INTO outbox_parked (sink, sequence, shard, ordering_key, event, state)
                SELECT 'webhook', sequence, shard, ordering_key, '{}', CASE sequence WHEN 3 THEN 'dead' ELSE 'retry' END
                FROM outbox_events WHERE sequence >= 3
                """)
            let room = try await log.room(for: [user.description, "other"])
            #expect(room == ParkingRoom(parked: 3, waiting: [user.description: 2]))
        }
    }

    private struct Row {
        let sequence: Int64
        let key: String
        let isReplay: Bool
        let state: String
        let isDue: Bool
    }

    private func fill(_ fixture: RelayFixture, _ rows: [Row]) async throws {
        _ = try await fixture.database.unit([
            "DELETE FROM outbox_parked",
            """
            INSERT INTO outbox_parked (sink, sequence, is_replay, shard, ordering_key, event, state, next_attempt_at)
            SELECT 'webhook', e.sequence, n.is_replay = 1, e.shard, e.ordering_key, to_jsonb(e) - 'xid', n.state,
                   clock_timestamp() + n.wait * interval '1 hour'
            FROM unnest(\(rows.map(\.sequence))::bigint[], \(rows.map { $0.isReplay ? 1 : 0 })::integer[],
                        \(rows.map(\.state))::text[], \(rows.map { $0.isDue ? -1 : 1 })::integer[])
                 AS n (sequence, is_replay, state, wait)
            JOIN outbox_events e USING (sequence)
            """,
        ])
    }

    private func sequences(_ due: [ParkingStore.Due]) -> [Int64] {
        due.flatMap { $0.batch.events.map(\.sequence) }.sorted()
    }

    private func expected(
        _ rows: [Row], isReplay: Bool, _ policy: RelayConfiguration.ParkedPolicy
    ) -> [Int64] {
        var stopped: Set<String> = []
        return rows.filter { $0.isReplay == isReplay }.compactMap { row in
            if row.state == "dead" {
                if policy == .hold { stopped.insert(row.key) }
                return nil
            }
            if !row.isDue { stopped.insert(row.key) }
            return stopped.contains(row.key) ? nil : row.sequence
        }
    }
}
