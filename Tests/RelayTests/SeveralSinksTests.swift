import Common
import TestSupport
import Testing

@testable import Relay

/// Sinks beside each other on one log: what befalls one does not touch the other.
@Suite struct SeveralSinksTests {
    /// One is gone, one refuses somebody, one is well: each has its own position, pause and parked events.
    @Test func aDeadSinkHarmsOnlyItself() async throws {
        try await withRelayFixture { fixture in
            let (dead, picky) = (ScriptedSink(), ScriptedSink())
            dead.answer { _ in .fail(SinkError(.unavailable, "connection refused")) }
            picky.answer { $0.sequence == 1 ? .refuse(ParkingTests.refusal) : .take }
            let users = (0..<10).map { _ in UUID.timeOrdered() }
            try await fixture.withDrain { _, redis in
                try await fixture.withDrain(of: dead, named: "dead") { deadDrain in
                    try await fixture.withDrain(of: picky, named: "picky") { _ in
                        try await fixture.append(60, users: users)
                        try await fixture.untilAllIsPublished()
                        try await until("the picky one has the rest") { try await fixture.pending("picky") == 0 }
                        try await until("the others are well") { redis.isHealthy }
                        // A sink that is gone parks nothing and passes over nothing; it is asked with one event.
                        try await until("it was asked again") { dead.tried.count > 3 }
                        #expect(try await fixture.pending("dead") == 60)
                        #expect(try await fixture.parked("dead").isEmpty)
                        #expect(try await fixture.parked("redis").isEmpty)
                        #expect(try await fixture.parked("picky").count == 6)
                        #expect(dead.tried.count < 60, "it was hammered")
                        #expect(await deadDrain.sinkPause.state() != .closed)

                        dead.answer { _ in .take }
                        try await until("it catches up", within: .seconds(40)) { dead.taken.count == 60 }
                        try await until("its pause is over") { await deadDrain.sinkPause.state() == .closed }
                    }
                }
            }
            for user in users {
                let order = dead.taken.filter { $0.orderingKey == user.description }.map(\.sequence)
                #expect(order == order.sorted() && Set(order).count == 6)
            }
        }
    }

    /// It begins with the oldest event there is, and the others do not notice.
    @Test func aNewSinkBeginsWithTheOldestEvent() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withDrain { _, _ in
                try await fixture.append(20)
                try await fixture.untilAllIsPublished()
                let late = ScriptedSink()
                try await fixture.withDrain(of: late, named: "late") { _ in
                    try await until("it has all") { late.taken.count == 20 }
                    try await fixture.append(5)
                    try await until("it has what is new") { late.taken.count == 25 }
                    try await fixture.untilAllIsPublished()
                }
                let sinks = try await fixture.database.unit("SELECT sink FROM outbox_sinks ORDER BY 1")
                #expect(try sinks.rows.map { try $0.column(0, as: String.self) } == ["late", "redis"])
            }
            #expect(try await fixture.counts().stream == 25)
        }
    }

    /// A sink that lags keeps partitions; forgotten, it does not, and its parked events are gone with it.
    @Test func partitionsWaitForTheLastSinkAndNotForAForgottenOne() async throws {
        try await withRelayFixture { fixture in
            let gone = ScriptedSink()
            gone.answer { $0.sequence < 3 ? .refuse(ParkingTests.refusal) : .fail(SinkError(.unavailable, "gone")) }
            func maintain(_ action: String) async throws -> Int {
                let sql: SQL = "SELECT count(*) FROM outbox_maintain('-3 days', 0) WHERE action LIKE \(action + "%")"
                return try await fixture.database.unit(sql).rows[0].column(0)
            }
            try await fixture.withDrain { _, _ in
                try await fixture.append(10)
                try await fixture.untilAllIsPublished()
                try await until("the stream's cursors are at the end") { try await fixture.pending("redis") == 0 }
                try await fixture.withDrain(of: gone, named: "gone") { _ in
                    try await until("something is parked") { try await !fixture.parked("gone").isEmpty }
                    #expect(try await maintain("held") == 1)
                    // Who is served is not forgotten.
                    await #expect(throws: PostgresError.self) {
                        try await fixture.database.unit("SELECT outbox_forget_sink('gone')")
                    }
                }
                #expect(try await maintain("held") == 1)
                let forgotten = try await fixture.database.unit("SELECT outbox_forget_sink('gone')")
                #expect(try forgotten.rows[0].column(0, as: Bool.self))
                #expect(try await fixture.parked("gone").isEmpty)
                #expect(try await maintain("held") == 0)
                #expect(try await fixture.counts().log == 0)
                let again = try await fixture.database.unit("SELECT outbox_forget_sink('gone')")
                #expect(try !again.rows[0].column(0, as: Bool.self))
            }
        }
    }

    /// 410: nobody sends anything, a relay that is started later neither, until someone enables it.
    @Test func aSinkThatIsGoneForGoodIsLeftAloneUntilSomeoneDecides() async throws {
        try await withRelayFixture { fixture in
            let sink = ScriptedSink()
            sink.answer { _ in .fail(SinkError(.disabled, "the endpoint answered 410 Gone")) }
            try await fixture.withDrain(of: sink, named: "webhook", lease: .seconds(3)) { drain in
                try await fixture.append(4)
                try await until("it is written down") {
                    let sql: SQL = "SELECT disabled_reason FROM outbox_sinks WHERE disabled_at IS NOT NULL"
                    let rows = try await fixture.database.unit(sql).rows
                    return try rows.first?.column(0, as: String.self) == "the endpoint answered 410 Gone"
                }
                try await until("the drain knows") { await drain.disabledReason != nil }
                #expect(!drain.status.isHealthy)
                sink.answer { _ in .take }
            }
            let tried = sink.tried.count
            try await fixture.withDrain(of: sink, named: "webhook", lease: .seconds(3)) { drain in
                try await until("it measures") { drain.status.lastProgress?.unowned == 0 }
                #expect(sink.tried.count == tried)
                #expect(!drain.status.isHealthy)
                _ = try await fixture.database.unit("UPDATE outbox_sinks SET disabled_at = NULL")
                try await until("all is delivered") { sink.taken.count == 4 }
                try await until("it is well") { drain.status.isHealthy }
            }
        }
    }

    /// Nobody can tell an event that makes a sink fail from an outage; but those of other shards get past it.
    @Test func anEventThatMakesTheSinkFailHoldsUpItsShardOnly() async throws {
        try await withRelayFixture { fixture in
            let users = (0..<6).map { _ in UUID.timeOrdered() }
            let poison = OutboxShard.of(users[0].description)
            let others = users.filter { OutboxShard.of($0.description) != poison }.count
            let sink = ScriptedSink()
            sink.answer { OutboxShard.of($0.orderingKey) == poison ? .fail(SinkError(.unavailable, "503")) : .take }
            try await fixture.append(24, users: users)
            try await fixture.withDrain(of: sink, named: "webhook") { _ in
                try await until("the others are through", within: .seconds(60)) {
                    Set(sink.sequences).count == 4 * others
                }
                #expect(try await fixture.parked("webhook").isEmpty)
                #expect(try await fixture.pending("webhook") >= 4 * (6 - others))
            }
        }
    }

    /// Retry-After: the sink is left alone for as long as it asks, and a stop does not wait for that.
    @Test func aSinkThatAsksForPatienceGetsIt() async throws {
        try await withRelayFixture { fixture in
            let sink = ScriptedSink()
            sink.answer { _ in .fail(SinkError(.unavailable, "429", retryAfter: .seconds(120))) }
            try await fixture.append(3)
            try await fixture.withDrain(of: sink, named: "webhook") { drain in
                try await until("it was asked") { await drain.sinkPause.end != nil }
                let end = try #require(await drain.sinkPause.end)
                #expect(end > .now + .seconds(60) && end < .now + .seconds(121))
                #expect(sink.tried.count == 1)
            }
            #expect(sink.tried.count == 1)
            #expect(try await fixture.shares() == [])
        }
    }

    /// Deliveries that take longer than a lease: the shards stay ours, and nothing is delivered twice.
    @Test func aSlowSinkKeepsItsLeases() async throws {
        try await withRelayFixture { fixture in
            let sink = ScriptedSink()
            sink.take(.seconds(4))
            let user = UUID.timeOrdered()
            try await fixture.append(2, users: [user])
            try await fixture.withDrain(of: sink, named: "webhook", lease: .seconds(3)) { _ in
                try await until("the first is on its way") { try await fixture.shares() == [64] }
                let other = ScriptedSink()
                try await fixture.withDrain(of: other, named: "webhook", lease: .seconds(3)) { _ in
                    try await until("the slow one is done", within: .seconds(20)) {
                        sink.taken.count + other.taken.count == 2
                    }
                }
                #expect(Set(sink.sequences).isDisjoint(with: other.sequences))
                #expect(sink.sequences.count == Set(sink.sequences).count)
            }
        }
    }

    /// Told to stop in the middle of a slow delivery, it acknowledges what is done and begins nothing new.
    @Test func aDrainThatIsToldToStopEndsWithTheDeliveryOnItsWay() async throws {
        try await withRelayFixture { fixture in
            let sink = ScriptedSink()
            sink.take(.milliseconds(300))
            try await fixture.append(50, users: [.timeOrdered()])
            try await fixture.withDrain(of: sink, named: "webhook", lease: .seconds(60)) { _ in
                try await until("two are delivered") { sink.taken.count >= 2 }
            }
            let delivered = sink.taken.count
            #expect(delivered < 50)
            #expect(try await fixture.pending("webhook") == 50 - delivered)
            #expect(try await fixture.shares() == [])
        }
    }

    /// What nobody may park any more stops its shard, says so, and goes on when there is room.
    @Test func pastTheCapAShardStopsUntilThereIsRoom() async throws {
        try await withRelayFixture { fixture in
            let user = UUID.timeOrdered()
            let sink = ScriptedSink()
            sink.answer { _ in .refuse(ParkingTests.refusal) }
            try await fixture.append(3, users: [user])
            // As many as one person may have.
            _ = try await fixture.database.unit(
                """
                INSERT INTO outbox_parked (sink, sequence, shard, ordering_key, event, state, next_attempt_at)
                SELECT 'webhook', -n, shard, ordering_key, to_jsonb(e) - 'xid' || jsonb_build_object('sequence', -n),
                       'retry', clock_timestamp() + interval '1 hour'
                FROM outbox_events e, generate_series(1, \(ParkingRoom.limitOfKey - 1)::bigint) n WHERE sequence = 1
                """)
            try await fixture.withDrain(of: sink, named: "webhook") { drain in
                try await until("the shard is full") { await !drain.full.isEmpty }
                try await until("what fits is parked") { try await fixture.pending("webhook") == 2 }
                #expect(try await fixture.parked("webhook").count == ParkingRoom.limitOfKey)
                try await until("it says so") { !drain.status.isHealthy }
                sink.answer { _ in .take }
                try await fixture.makeDue("webhook")
                try await until("all that waited is delivered", within: .seconds(40)) {
                    let (parked, pending) = (try await fixture.parked("webhook"), try await fixture.pending("webhook"))
                    return parked.isEmpty && pending == 0
                }
                #expect(await drain.full.isEmpty)
            }
        }
    }
}
