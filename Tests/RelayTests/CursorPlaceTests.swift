import Common
import TestSupport
import Testing

@testable import Relay

/// A cursor is read at the place where it was seen last, and found by its key when it is elsewhere.
@Suite struct CursorPlaceTests {
    /// What the versions that a held snapshot keeps would cost if they were walked through.
    @Test func aCursorIsReadAtItsPlaceAlone() async throws {
        try await withLog { fixture, log, held in
            let shard = try #require(held.first { $0.shard == 7 })
            #expect(try await Self.plan(of: log.reading([shard]), fixture).wayByKey == "never executed")
            var lost = shard
            lost.place = CursorPlace(text: "(0,0)")
            #expect(try await Self.plan(of: log.reading([lost]), fixture).wayByKey != "never executed")
        }
    }

    @Test func placesGoWithAcknowledgementsAndRenewals() async throws {
        try await withLog { fixture, log, held in
            let read = try await log.read(held)
            #expect(read.count == 3)
            let moved = try await log.acknowledge(read.compactMap(\.acknowledgement))
            #expect(try await Self.places(fixture, moved.keys) == moved)
            let renewed = try await LeaseStore(
                postgres: log.postgres, sink: log.sink, owner: log.owner, lease: log.lease
            ).renew(held)
            #expect(renewed.places.count == 64)
            #expect(try await Self.places(fixture, renewed.places.keys) == renewed.places)
            #expect(renewed.places != moved)
        }
    }

    /// Places that are old, another shard's, none or nonsense: what is read and moved is the same.
    @Test func aWrongPlaceChangesNothing() async throws {
        try await withLog { fixture, log, held in
            let right = try await log.read(held).map(\.events)
            let places = held.map(\.place)
            // Each shard with another one's place; with none; with one that the table does not have.
            let wrong: [[CursorPlace?]] = [
                Array(places.dropFirst() + places.prefix(1)), held.map { _ in nil },
                held.map { _ in CursorPlace(text: "(4000000,7)") },
            ]
            var sequence: Int64 = 0
            for wrong in wrong {
                let lost = zip(held, wrong).map { held, place in
                    HeldShard(shard: held.shard, epoch: held.epoch, cursor: held.cursor, place: place)
                }
                let read = try await log.read(lost).map(\.events)
                #expect(Set(read.map(\.first)) == Set(right.map(\.first)) && read.count == right.count)
                sequence -= 1
                let kept = try await log.acknowledge(
                    lost.map {
                        Acknowledgement(
                            shard: $0.shard, epoch: $0.epoch, sequence: sequence, occurredAt: .infinitelyEarly)
                    })
                #expect(kept.count == 64)
                let cursors = try await fixture.database.unit("SELECT DISTINCT last_sequence FROM outbox_cursors")
                #expect(try cursors.rows.map { try $0.column(0, as: Int64.self) } == [sequence])
            }
        }
    }

    /// The place is right, and the epoch or the owner is not: the fence holds.
    @Test(arguments: ["epoch = epoch + 1", "owner = 'another'"]) func aPlaceIsNoClaim(change: String) async throws {
        try await withLog { fixture, log, held in
            _ = try await fixture.database.unit(
                "UPDATE outbox_cursors SET \(sql: SQL(stringLiteral: change)) WHERE sink = \(log.sink)")
            let places = try await Self.places(fixture, held.map(\.shard))
            let stale = held.map {
                HeldShard(shard: $0.shard, epoch: $0.epoch, cursor: $0.cursor, place: places[$0.shard])
            }
            #expect(try await log.read(stale).isEmpty)
            let kept = try await log.acknowledge(
                stale.map { Acknowledgement(shard: $0.shard, epoch: $0.epoch, sequence: 9, occurredAt: .now) })
            #expect(kept == [:])
        }
    }

    /// Somebody else's update, under the same owner and epoch, has the statement wait and the row move meanwhile.
    @Test func aCursorThatMovesWhileItIsWaitedForIsMoved() async throws {
        try await withLog { fixture, log, held in
            let shards = held.filter { [3, 4].contains($0.shard) }
            let kept = try await withThrowingTaskGroup(of: [Int: CursorPlace].self) { group in
                async let other = fixture.database.unit(
                    """
                    DO $$ BEGIN
                        UPDATE outbox_cursors SET updated_at = clock_timestamp() WHERE sink = 'redis' AND shard = 3;
                        FOR step IN 1..3000 LOOP
                            EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted);
                            PERFORM pg_sleep(0.001);
                        END LOOP;
                    END $$
                    """)
                try await until("the row is locked") {
                    let rows = try await log.postgres.unit(
                        "SELECT pid FROM pg_stat_activity WHERE query LIKE 'DO %' AND wait_event = 'PgSleep'")
                    return rows.rows.count == 1
                }
                group.addTask {
                    try await log.acknowledge(
                        shards.map { Acknowledgement(shard: $0.shard, epoch: $0.epoch, sequence: 5, occurredAt: .now) })
                }
                let kept = try await group.next()
                _ = try await other
                return kept ?? [:]
            }
            #expect(Set(kept.keys) == [3, 4])
        }
    }

    /// A relay's statements, with all shards claimed and one event in three of them.
    private func withLog(
        _ body: @Sendable (RelayFixture, OutboxLog, [HeldShard]) async throws -> Void
    ) async throws {
        try await withRelayFixture { fixture in
            let postgres = PostgresClient(
                try fixture.relayConfiguration, reactor: fixture.reactor, logger: RelayFixture.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await postgres.run() }
                let log = OutboxLog(postgres: postgres, sink: "redis", owner: "me", lease: .seconds(60))
                _ = try await log.identity()
                for shard in [1, 7, 40] { try await fixture.append(1, users: [Self.user(of: shard)]) }
                let held = try await LeaseStore(
                    postgres: postgres, sink: log.sink, owner: log.owner, lease: log.lease
                ).claim(64)
                try #require(held.count == 64 && held.allSatisfy { $0.place != nil })
                try await body(fixture, log, held)
                group.cancelAll()
            }
        }
    }

    private static func user(of shard: Int) -> UUID {
        while true {
            let user = UUID.timeOrdered()
            if OutboxShard.of(user.description) == shard { return user }
        }
    }

    private static func places(
        _ fixture: RelayFixture, _ shards: some Collection<Int>
    ) async throws -> [Int: CursorPlace] {
        var places: [Int: CursorPlace] = [:]
        for row in try await fixture.database.unit("SELECT shard, ctid FROM outbox_cursors").rows {
            let shard: Int = try row.column(0)
            if shards.contains(shard) { places[shard] = try row.column(1) as CursorPlace }
        }
        return places
    }

    /// What Postgres says of the index on cursors in the plan that it carried out.
    private static func plan(of sql: SQL, _ fixture: RelayFixture) async throws -> (wayByKey: String, text: String) {
        let postgres = PostgresClient(
            try fixture.relayConfiguration, reactor: fixture.reactor, logger: RelayFixture.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await postgres.run() }
            let lines = try await postgres.unit("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) \(sql: sql)").rows.map {
                try $0.column(0, as: String.self)
            }
            group.cancelAll()
            let way = try #require(lines.first { $0.contains("outbox_cursors_pkey") }, "\(lines)")
            return (way.contains("never executed") ? "never executed" : way, lines.joined(separator: "\n"))
        }
    }
}
