import Common
import TestSupport
import Testing

@testable import Relay

/// A drain with a real log and a sink that refuses what the test says.
@Suite struct ParkingTests {
    static let refusal = EventRefusal(status: 422, "it does not like this one")

    /// Someone else of the same shard.
    static func neighbour(of user: UUID) -> UUID {
        while true {
            let other = UUID.timeOrdered()
            if other != user, OutboxShard.of(other.description) == OutboxShard.of(user.description) { return other }
        }
    }

    /// The first event of `bad` is refused: what follows of that person waits behind it, others go on.
    @Test func aRefusedEventHoldsUpItsPersonAndNobodyElse() async throws {
        try await withRelayFixture { fixture in
            let bad = UUID.timeOrdered()
            let good = Self.neighbour(of: bad)
            let sink = ScriptedSink()
            sink.answer { $0.orderingKey == bad.description ? .refuse(Self.refusal) : .take }
            try await fixture.withDrain(of: sink, named: "webhook") { drain in
                try await fixture.append(12, users: [bad, good])
                try await until("the cursors are at the end") { try await fixture.pending("webhook") == 0 }
                #expect(Set(sink.taken.map(\.orderingKey)) == [good.description])
                #expect(sink.taken.count == 6)
                // The first was tried once; nothing behind it was.
                #expect(Set(sink.tried.filter { $0.orderingKey == bad.description }).count == 1)
                let rows = try await fixture.parked("webhook")
                #expect(rows.map(\.state) == ["retry", "blocked", "blocked", "blocked", "blocked", "blocked"])
                let first = try #require(rows.first)
                #expect(first.attempts >= 1 && rows.dropFirst().allSatisfy { $0.attempts == 0 })
                #expect(first.status == 422 && first.error == Self.refusal.description)
                // The second try comes after five seconds.
                #expect(first.secondsLeft <= (first.attempts == 1 ? 5 : 300))
                try await until("the gauges' numbers are there") { drain.status.lastProgress?.parked[.blocked] == 5 }
                #expect(drain.status.lastProgress?.parked[.retry] == 1)

                sink.answer { _ in .take }
                try await fixture.makeDue("webhook")
                try await until("all is delivered") { sink.taken.count == 12 }
                try await until("nothing is parked") { try await fixture.parked("webhook").isEmpty }
                try await fixture.append(2, users: [bad])
                try await until("the person goes on") { sink.taken.count == 14 }
            }
            let ofBad = sink.taken.filter { $0.orderingKey == bad.description }.map(\.sequence)
            #expect(ofBad == ofBad.sorted() && ofBad.count == 8)
        }
    }

    /// What is delivered late is what was appended, to the letter.
    @Test func aParkedEventIsTheSameEventAfterItsPartitionIsGone() async throws {
        try await withRelayFixture { fixture in
            let user = UUID.timeOrdered()
            let cause = OutboxCause(
                correlationID: CorrelationID(accepting: "c-1"), messageSID: "SM1", traceparent: "00-a-b-01")
            let event = OutboxEvent.userRegistered(user, phoneNumber: "+447700900123", at: .now, cause: cause)
            _ = try await fixture.database.unit(event.appendStatement())
            let sink = ScriptedSink()
            sink.answer { _ in .refuse(Self.refusal) }
            try await fixture.withDrain(of: sink, named: "webhook") { _ in
                try await until("it is parked") { try await fixture.parked("webhook").count == 1 }
                let dropped = try await fixture.database.unit(
                    "SELECT count(*) FROM outbox_maintain('-3 days', 0) WHERE action = 'dropped'")
                #expect(try dropped.rows[0].column(0, as: Int.self) > 0)
                let left: Int = try await fixture.database.unit("SELECT count(*) FROM outbox_events").rows[0].column(0)
                #expect(left == 0)
                sink.answer { _ in .take }
                try await fixture.makeDue("webhook")
                try await until("it is delivered") { sink.taken.count == 1 }
            }
            #expect(sink.tried.first == sink.taken.first)
            let delivered = try #require(sink.taken.first)
            #expect(delivered.id == event.id.description && delivered.orderingKey == user.description)
            #expect(delivered.aggregateType == "user" && delivered.aggregateID == user.description)
            #expect(delivered.correlationID == "c-1" && delivered.causationID == "SM1")
            #expect(delivered.traceparent == "00-a-b-01" && delivered.payload.contains("+447700900123"))
        }
    }

    @Test(arguments: RelayConfiguration.ParkedPolicy.allCases)
    func afterTheLastTryAKeyGoesOnOrWaits(policy: RelayConfiguration.ParkedPolicy) async throws {
        try await withRelayFixture { fixture in
            let user = UUID.timeOrdered()
            let sink = ScriptedSink()
            sink.answer { $0.sequence == 1 ? .refuse(Self.refusal) : .take }
            try await fixture.append(3, users: [user])
            try await fixture.withDrain(of: sink, named: "webhook", policy: policy) { _ in
                for attempt in 1...9 {
                    try await until("refused \(attempt) times") {
                        try await fixture.parked("webhook").first.map { $0.attempts >= attempt } ?? false
                    }
                    try await fixture.makeDue("webhook")
                }
                try await until("it is given up") { try await fixture.parked("webhook").first?.state == "dead" }
                #expect(sink.tried.filter { $0.sequence == 1 }.count == 10)
                switch policy {
                case .skip:
                    try await until("the key goes on") { sink.sequences == [2, 3] }
                    try await fixture.append(1, users: [user])
                    try await until("live again") { sink.sequences == [2, 3, 4] }
                case .hold:
                    try await fixture.append(1, users: [user])
                    try await until("the key's next one is parked too") {
                        try await fixture.parked("webhook").map(\.state) == [
                            "dead", "blocked", "blocked", "blocked",
                        ]
                    }
                    #expect(sink.taken.isEmpty)
                    // As `operator outbox retry` does.
                    sink.answer { _ in .take }
                    _ = try await fixture.database.unit(
                        "UPDATE outbox_parked SET state = 'retry', attempts = 0, next_attempt_at = clock_timestamp() WHERE state = 'dead'"
                    )
                    try await until("the key goes on in order") { sink.sequences == [1, 2, 3, 4] }
                }
            }
        }
    }

    /// What cannot be sent in any form is not tried ten times.
    @Test func aFinalRefusalIsDeadAtOnce() async throws {
        try await withRelayFixture { fixture in
            let sink = ScriptedSink()
            sink.answer { $0.sequence == 2 ? .refuse(EventRefusal("too large", isFinal: true)) : .take }
            try await fixture.append(4, users: [.timeOrdered()])
            try await fixture.withDrain(of: sink, named: "webhook") { _ in
                try await until("the others are there") { sink.sequences == [1, 3, 4] }
                try await until("it is dead") { try await fixture.parked("webhook").map(\.state) == ["dead"] }
            }
        }
    }

    /// Two relays with leases that pass between them: a due event is tried by one of them.
    @Test func parkedEventsBelongToWhoeverHoldsTheShard() async throws {
        try await withRelayFixture { fixture in
            let users = (0..<24).map { _ in UUID.timeOrdered() }
            let sink = ScriptedSink()
            sink.answer { _ in .refuse(Self.refusal) }
            try await fixture.append(24, users: users)
            try await fixture.withDrain(of: sink, named: "webhook", lease: .seconds(60)) { _ in
                try await until("all is parked") { try await fixture.parked("webhook").count == 24 }
                try await fixture.withDrain(of: sink, named: "webhook", lease: .seconds(60)) { _ in
                    try await until("a half each") { try await fixture.shares() == [32, 32] }
                    for attempt in 2...4 {
                        try await fixture.makeDue("webhook")
                        try await until("all were tried \(attempt) times") {
                            try await fixture.parked("webhook").allSatisfy { $0.attempts >= attempt }
                        }
                    }
                    // Who tries what another one tries as well would count one refusal for two.
                    try await until("each try is counted") {
                        let tried = sink.tried.count
                        return try await fixture.parked("webhook").map(\.attempts).reduce(0, +) == tried
                    }
                    sink.answer { _ in .take }
                    try await fixture.makeDue("webhook")
                    try await until("all is delivered") { try await fixture.parked("webhook").isEmpty }
                }
            }
            #expect(sink.taken.count == 24)
        }
    }

    /// A relay whose lease passed to another neither parks nor settles.
    @Test func whoseLeaseWasTakenParksNothing() async throws {
        try await withRelayFixture { fixture in
            let log = OutboxLog(
                postgres: fixture.database, sink: "webhook", owner: "zombie", lease: .milliseconds(100))
            let leases = LeaseStore(postgres: log.postgres, sink: "webhook", owner: "zombie", lease: log.lease)
            let parking = ParkingStore(log: log)
            _ = try await log.identity()
            let held = try await leases.claim(64)
            try await fixture.append(6)
            let stale = try await log.read(held)
            let sink = ScriptedSink()
            sink.answer { $0.sequence == 1 ? .refuse(Self.refusal) : .take }
            try await fixture.withDrain(of: sink, named: "webhook") { _ in
                try await until("the other one is done") { try await fixture.pending("webhook") == 0 }
            }
            let before = try await fixture.parked("webhook").map { [$0.sequence, $0.attempts] }
            let outcomes = stale.map { batch in
                let refused = Dictionary(uniqueKeysWithValues: batch.events.map { ($0.sequence, Self.refusal) })
                return BatchOutcome(
                    BatchOffer(batch), .partly(taken: [], refused: refused), room: ParkingRoom(parked: 0), policy: .skip
                )
            }
            #expect(!outcomes.flatMap(\.parkings).isEmpty)
            let kept = try await log.acknowledge(
                outcomes.compactMap(\.acknowledgement), parking: outcomes.flatMap(\.parkings))
            #expect(kept == [:])
            #expect(try await parking.due(held).refused.isEmpty)
            let settled = try await parking.settle(
                stale.map { ($0.held, ParkedOutcome($0, attempts: [:], .taken(count: 1))) }, isReplay: false)
            #expect(settled == [])
            let after = try await fixture.parked("webhook").map { [$0.sequence, $0.attempts] }
            #expect(after == before)
        }
    }

    /// Replays go beside what is new: same events, marked, and nobody waits for them.
    @Test func whatIsToBePublishedOnceMoreIsMarkedAndBlocksNobody() async throws {
        try await withRelayFixture { fixture in
            let user = UUID.timeOrdered()
            let sink = ScriptedSink()
            try await fixture.withDrain(of: sink, named: "webhook") { _ in
                try await fixture.append(4, users: [user])
                try await until("published") { sink.taken.count == 4 }
                sink.answer { $0.isReplay && $0.sequence == 2 ? .refuse(Self.refusal) : .take }
                try await fixture.replay(sink: "webhook", sequences: [2, 3])
                try await until("the replay was refused") {
                    try await !fixture.parked("webhook").allSatisfy { $0.attempts == 0 }
                }
                try await fixture.append(1, users: [user])
                try await until("new ones go out") { sink.sequences == [1, 2, 3, 4, 5] }
                sink.answer { _ in .take }
                try await fixture.makeDue("webhook")
                try await until("replayed in order") { sink.sequences == [1, 2, 3, 4, 5, 2, 3] }
                try await until("nothing is left") { try await fixture.parked("webhook").isEmpty }
                #expect(sink.taken.map(\.isReplay) == [false, false, false, false, false, true, true])
                #expect(sink.taken[5].id == sink.taken[1].id)
            }
        }
    }

    /// Into the stream as well, past the marks, which count what is new.
    @Test func aReplayIntoTheStreamIsMarked() async throws {
        try await withRelayFixture { fixture in
            try await fixture.withDrain { _, _ in
                try await fixture.append(3, users: [.timeOrdered()])
                try await fixture.untilAllIsPublished()
                try await fixture.replay(sink: "redis", sequences: [2])
                try await until("it is there twice") { try await fixture.published().count == 4 }
                try await fixture.append(1, users: [.timeOrdered()])
                try await until("new ones follow") { try await fixture.published().count == 5 }
                let entries = try await fixture.published()
                #expect(entries.map(\.sequence) == [1, 2, 3, 2, 4])
                #expect(entries.map { $0.fields["replay"] } == [nil, nil, nil, "true", nil])
                var (once, again) = (entries[1].fields, entries[3].fields)
                once["replay"] = nil
                again["replay"] = nil
                #expect(once == again)
            }
        }
    }
}
