import Common
import Glibc
import TestSupport
import Testing

@testable import Relay

@Suite struct SinkFailureTests {
    @Test func aRedisThatIsAwayForAWhileGetsAllOfIt() async throws {
        try await withRelayFixture(redisOptions: ["--appendonly", "yes", "--appendfsync", "always"]) { fixture in
            try await fixture.withDrain { _, _ in
                try await fixture.append(30)
                try await fixture.untilAllIsPublished()
                try await fixture.redis.kill()
                try await fixture.append(30)
                try await fixture.redis.start()
                try await fixture.append(30)
                try await fixture.untilAllIsPublished()
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log)
        }
    }

    /// An answer that does not come in time says nothing of what was done.
    @Test func aRedisThatHangsGetsNothingTwice() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withDrain { _, _ in
                for _ in 0..<3 {
                    try await fixture.append(10)
                    await fixture.redis.process.send(SIGSTOP)
                    try await fixture.append(10)
                    try await Task.sleep(for: .milliseconds(2300))
                    await fixture.redis.process.send(SIGCONT)
                    try await fixture.untilAllIsPublished()
                }
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log)
        }
    }

    /// The cursors stand at the end; only the marks tell that the stream is empty.
    @Test func whatRedisLostIsPublishedAgain() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withDrain(lease: .seconds(3)) { _, _ in
                try await fixture.append(40)
                try await fixture.untilAllIsPublished()
                _ = try await fixture.redisClient.send(RedisCommand("FLUSHALL"))
                _ = try await fixture.redisClient.send(RedisCommand("FUNCTION", "FLUSH"))
                try await fixture.untilAllIsPublished()
                try await fixture.append(10)
                try await fixture.untilAllIsPublished()
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log)
        }
    }

    @Test func aFullRedisTakesTheRestWhenItHasRoom() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withDrain { _, _ in
                try await fixture.append(10)
                try await fixture.untilAllIsPublished()
                _ = try await fixture.redisClient.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
                try await fixture.append(10)
                try await Task.sleep(for: .milliseconds(200))
                #expect(try await fixture.counts().stream == 10)
                _ = try await fixture.redisClient.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))
                try await fixture.untilAllIsPublished()
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log)
        }
    }

    @Test func aRedisWithoutFunctionsIsGivenAScript() async throws {
        try await withRelayFixture(redisOptions: ["--rename-command", "FCALL", ""]) { fixture in
            try await fixture.withDrain { _, _ in
                try await fixture.append(10)
                try await fixture.untilAllIsPublished()
                _ = try await fixture.redisClient.send(RedisCommand("SCRIPT", "FLUSH"))
                try await fixture.append(10)
                try await fixture.untilAllIsPublished()
            }
            let orders = try await fixture.shardOrders()
            #expect(orders.stream == orders.log)
        }
    }

    /// The log went back in time; what it tells now must not be mixed into what was told before.
    @Test func afterARestoreOfTheDatabaseNothingIsPublishedUntilSomeoneDecides() async throws {
        try await withRelayFixture { fixture in
            let user = UUID.timeOrdered()
            try await fixture.withDrain { _, _ in
                try await fixture.append(10, users: [user])
                try await fixture.untilAllIsPublished()
            }
            // As a backup of after the fourth event would leave it, plus new events in another shard.
            _ = try await fixture.database.unit([
                "DELETE FROM outbox_events WHERE sequence > 4", "SELECT setval('outbox_sequence', 4)",
                "UPDATE outbox_cursors SET last_sequence = least(last_sequence, 4)",
            ])
            try await fixture.append(20)
            try await fixture.withDrain { _, status in
                try await Task.sleep(for: .milliseconds(1500))
                #expect(try await fixture.counts().stream == 10)
                #expect(!status.isHealthy)
                _ = try await fixture.database.unit("UPDATE outbox_meta SET log_id = gen_random_uuid()")
                try await until("the new log is published") { try await fixture.counts().stream == 10 + 24 }
                try await until("the relay is healthy") { status.isHealthy }
            }
        }
    }

    /// The restored log has grown past the mark again: in the place of the event that was published stands another one.
    @Test func aRestoredLogIsKnownByTheEventAtTheMark() async throws {
        try await withRelayFixture { fixture in
            let user = UUID.timeOrdered()
            try await fixture.withDrain { _, _ in
                try await fixture.append(10, users: [user])
                try await fixture.untilAllIsPublished()
            }
            _ = try await fixture.database.unit([
                "DELETE FROM outbox_events WHERE sequence > 4", "SELECT setval('outbox_sequence', 4)",
                "UPDATE outbox_cursors SET last_sequence = least(last_sequence, 4)",
            ])
            // Events 5 to 16, of which the mark knows 10 as another one.
            try await fixture.append(12, users: [user])
            let keys = try #require(OutboxStreamKeys(stream: RelayFixture.stream))
            let sink = RedisStreamSink(redis: fixture.redisClient, keys: keys, source: "s", limit: .seconds(2))
            try await fixture.withDrain { _, status in
                try await until("it is noticed") { status.hasForeignHistory }
                #expect(try await fixture.counts().stream == 10)
            }
            // The function itself adds nothing either.
            let log = OutboxLog(postgres: fixture.database, sink: "redis", owner: "me", lease: .seconds(60))
            let held = try await LeaseStore(
                postgres: log.postgres, sink: "redis", owner: "me", lease: log.lease
            ).claim(64)
            let id = try await log.identity().log
            let report = await sink.publish(try await log.read(held), of: id, within: PublishWindow(.seconds(5)))
            #expect(report.answers == [OutboxShard.of(user.description): .outOfStep])
            #expect(try await fixture.counts().stream == 10)
        }
    }

    /// An operator who lowers a mark, or a release that wrote none, leaves no id that fits: nothing is alarmed.
    @Test func aMarkWithoutAnEventIsTakenAtItsWord() async throws {
        try await withRelayFixture { fixture in
            let user = UUID.timeOrdered()
            try await fixture.withDrain { _, _ in
                try await fixture.append(6, users: [user])
                try await fixture.untilAllIsPublished()
            }
            let keys = try #require(OutboxStreamKeys(stream: RelayFixture.stream))
            let log: UUID = try await fixture.database.unit("SELECT log_id FROM outbox_meta").rows[0].column(0)
            let marks = RedisArgument.text(keys.marks(of: log))
            let shard = OutboxShard.of(user.description)
            let sink = RedisStreamSink(redis: fixture.redisClient, keys: keys, source: "s", limit: .seconds(2))
            let known = try await sink.markedEvents(of: log, shards: [shard])
            let last: String = try await fixture.database.unit(
                "SELECT id FROM outbox_events WHERE sequence = 6"
            ).rows[0].column(0)
            #expect(known == [shard: last])
            _ = try await fixture.redisClient.send(RedisCommand("HSET", marks, .integer(shard), "3"))
            #expect(try await sink.markedEvents(of: log, shards: [shard]) == [:])
            // Ahead of a cursor that went further back: as after a crash of the database.
            _ = try await fixture.database.unit("UPDATE outbox_cursors SET last_sequence = least(last_sequence, 1)")
            try await fixture.withDrain { _, status in
                try await until("what follows the mark is there again") { try await fixture.counts().stream == 9 }
                #expect(!status.hasForeignHistory)
            }
        }
    }

    /// As a relay that was stopped for longer than its lease: it reads with positions of long ago.
    @Test func whoseLeaseWasTakenChangesNothing() async throws {
        try await withRelayFixture { fixture in
            let log = OutboxLog(
                postgres: fixture.database, sink: "redis", owner: "zombie", lease: .milliseconds(100))
            let leases = LeaseStore(postgres: log.postgres, sink: "redis", owner: "zombie", lease: log.lease)
            let keys = try #require(OutboxStreamKeys(stream: RelayFixture.stream))
            let sink = RedisStreamSink(redis: fixture.redisClient, keys: keys, source: "z", limit: .seconds(2))
            let logID = try await log.identity().log
            let held = try await leases.claim(64)
            #expect(held.count == 64)
            try await fixture.append(30)
            let stale = try await log.read(held)
            try await fixture.withDrain { _, _ in try await fixture.untilAllIsPublished() }
            let report = await sink.publish(stale, of: logID, within: PublishWindow(.seconds(5)))
            #expect(report.failure == nil)
            #expect(report.answers.values.allSatisfy { $0 == .taken(count: 0) })
            #expect(try await log.acknowledge(stale.compactMap(\.acknowledgement)) == [:])
            #expect(try await log.read(held).isEmpty)
            #expect(try await log.rewind(held) == [])
            #expect(try await fixture.counts().stream == 30)
        }
    }
}
