import Common
import Testing

@testable import Relay

/// Every answer to every small batch: how far the cursor goes and what is parked on the way.
@Suite struct BatchOutcomeTests {
    /// What a sink did with one event.
    enum Fate: CaseIterable { case taken, refused, final, untried }

    struct Case: CustomStringConvertible {
        var keys: [String]
        var fates: [Fate]
        var blocked: Set<String>
        var policy: RelayConfiguration.ParkedPolicy
        var room: Int
        /// Taken in an earlier turn, ahead of the cursor.
        var known: Set<Int64> = []

        var description: String { "\(keys) \(fates) blocked \(blocked) \(policy) room \(room) known \(known)" }

        var batch: ShardBatch {
            var batch = ShardBatch(held: HeldShard(shard: 0, epoch: 1, cursor: 0), events: [])
            batch.events = keys.enumerated().map { .stub(Int64($0.offset + 1), key: $0.element) }
            batch.blockedKeys = blocked
            return batch
        }
    }

    @Test(arguments: RelayConfiguration.ParkedPolicy.allCases, [0, 1, 9])
    func theCursorGoesOverTheLongestRowOfTakenAndParked(policy: RelayConfiguration.ParkedPolicy, room: Int) {
        var looked = 0
        for keys in Self.lists(["a", "b"], 3) {
            for fates in Self.lists(Fate.allCases, 3) where Self.isPossible(keys, fates) {
                for blocked: Set<String> in [[], ["a"], ["a", "b"]] {
                    let wrong = Self.faults(
                        of: Case(keys: keys, fates: fates, blocked: blocked, policy: policy, room: room))
                    if !wrong.isEmpty { Issue.record("\(wrong)") }
                    looked += 1
                }
            }
        }
        #expect(looked > 500)
    }

    /// What was taken behind the cursor in an earlier turn is not offered again and counts as taken.
    @Test func whatIsKnownToBeTakenIsNotOfferedAgain() {
        for keys in Self.lists(["a", "b"], 3) {
            for fates in Self.lists(Fate.allCases, 3) {
                for known: Set<Int64> in [[1], [2], [3], [2, 3], [1, 2, 3]] {
                    let merged = fates.enumerated().map { known.contains(Int64($0.offset + 1)) ? .taken : $0.element }
                    guard Self.isPossible(keys, merged) else { continue }
                    let wrong = Self.faults(
                        of: Case(keys: keys, fates: merged, blocked: [], policy: .skip, room: 9, known: known))
                    if !wrong.isEmpty { Issue.record("\(wrong)") }
                }
            }
        }
    }

    @Test func aProbeOffersOneEventAndDecidesOnNothingBehindIt() {
        var batch = Case(keys: ["a", "b", "a", "b"], fates: [], blocked: ["a"], policy: .skip, room: 9).batch
        var offer = BatchOffer(batch, limit: 1)
        #expect(offer.offered.events.map(\.sequence) == [2])
        #expect(offer.batch.events.map(\.sequence) == [1, 2, 3])
        let outcome = BatchOutcome(offer, .taken(count: 1), room: ParkingRoom(parked: 0), policy: .skip)
        #expect(outcome.acknowledgement?.sequence == 3)
        #expect(outcome.parkings.map(\.event.sequence) == [1, 3])
        batch.blockedKeys = []
        offer = BatchOffer(batch, known: [1, 2, 3], limit: 1)
        #expect(offer.offered.events.map(\.sequence) == [4])
    }

    @Test func anAnswerThatSaysNothingChangesNothing() {
        let batch = Case(keys: ["a"], fates: [], blocked: ["a"], policy: .skip, room: 9).batch
        let room = ParkingRoom(parked: 0)
        let nothing = BatchOutcome(BatchOffer(batch), .outOfStep, room: room, policy: .skip)
        #expect(nothing.acknowledgement == nil && nothing.parkings.isEmpty)
        // Followers need no sink.
        #expect(BatchOutcome(BatchOffer(batch), nil, room: room, policy: .skip).parkings.count == 1)
    }

    @Test func whatBecomesOfParkedEvents() {
        var batch = Case(keys: ["a", "a", "b", "c"], fates: [], blocked: [], policy: .skip, room: 9).batch
        batch.source = .parked
        let attempts: ParkedOutcome.Attempts = [1: 9, 3: 2]
        let answer = SinkAnswer.partly(taken: [4], refused: [1: EventRefusal("no"), 3: EventRefusal("no")])
        let outcome = ParkedOutcome(batch, attempts: attempts, answer)
        #expect(outcome.taken.map(\.sequence) == [4])
        let refused = Dictionary(uniqueKeysWithValues: outcome.refused.map { ($0.key.sequence, $0.value) })
        #expect(refused.keys.sorted() == [1, 3])
        #expect(refused[1]?.state == .dead && refused[1]?.attempts == 10)
        #expect(refused[3]?.state == .retry && refused[3]?.pause == .seconds(1800))
        #expect(ParkedOutcome(batch, attempts: [:], .taken(count: 4)).taken.count == 4)
        for nothing: SinkAnswer? in [nil, .outOfStep, .partly(taken: [], refused: [:])] {
            #expect(ParkedOutcome(batch, attempts: [:], nothing).isEmpty)
        }
    }

    @Test func refusalsAreRetriedOnTheScheduleOfStandardWebhooks() {
        let whole = ParkingSchedule.pauses.map(\.components.seconds).reduce(0, +)
        #expect(whole == 75 * 3600 + 35 * 60 + 5)
        let refusal = EventRefusal(status: 422, "no")
        let standings = (1...10).map { ParkedStanding(refused: refusal, attempts: $0) }
        let states: [ParkedState] = Array(repeating: .retry, count: 9) + [.dead]
        #expect(standings.map(\.state) == states)
        let pauses: [Int64] = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, 0]
        #expect(standings.map(\.pause.components.seconds) == pauses)
        #expect(ParkedStanding(refused: EventRefusal("too large", isFinal: true), attempts: 1).state == .dead)
        #expect(EventRefusal(String(repeating: "x", count: 9999)).description.count == EventRefusal.descriptionLimit)
    }

    @Test func roomIsCountedInTotalAndBehindEachKey() {
        var room = ParkingRoom(parked: 6, waiting: ["a": 2], limit: 10, limitOfKey: 3)
        let answers = ["a", "a", "b", "b", "b", "c"].map { room.take($0) }
        #expect(answers == [true, false, true, true, true, false])
    }
}

extension BatchOutcomeTests {
    /// All lists of `length` of `elements`.
    static func lists<Element>(_ elements: [Element], _ length: Int) -> [[Element]] {
        length == 0 ? [[]] : lists(elements, length - 1).flatMap { list in elements.map { list + [$0] } }
    }

    /// Behind a refused or untried event of its key a sink tries nothing.
    static func isPossible(_ keys: [String], _ fates: [Fate]) -> Bool {
        var stopped: Set<String> = []
        for (key, fate) in zip(keys, fates) {
            if stopped.contains(key), fate != .untried { return false }
            if fate != .taken { stopped.insert(key) }
        }
        return true
    }

    /// What is wrong with the outcome of a case; empty when all is right.
    static func faults(of given: Case) -> [String] {
        let batch = given.batch
        let offer = BatchOffer(batch, known: given.known)
        var taken: Set<Int64> = []
        var refused: [Int64: EventRefusal] = [:]
        for event in offer.offered.events {
            switch given.fates[Int(event.sequence) - 1] {
            case .taken: taken.insert(event.sequence)
            case .refused: refused[event.sequence] = EventRefusal("no")
            case .final: refused[event.sequence] = EventRefusal("never", isFinal: true)
            case .untried: break
            }
        }
        let outcome = BatchOutcome(
            offer, .partly(taken: taken, refused: refused),
            room: ParkingRoom(parked: 0, limit: given.room, limitOfKey: given.room), policy: given.policy)
        var faults: [String] = []
        func check(_ isRight: Bool, _ text: String) { if !isRight { faults.append("\(text): \(given) \(outcome)") } }

        let passed = outcome.acknowledgement?.sequence ?? 0
        let parked = Dictionary(
            uniqueKeysWithValues: outcome.parkings.map { ($0.event.sequence, $0.standing.state) })
        let all = taken.union(given.known)
        check(Set(offer.offered.events.map(\.sequence)).isDisjoint(with: given.known), "offered again")
        check(outcome.published.map(\.sequence) == taken.sorted(), "published")
        check(outcome.ahead == all.filter { $0 > passed }, "ahead")
        check(parked.count <= given.room, "room")
        check(parked.keys.allSatisfy { $0 <= passed && !all.contains($0) }, "parked too much")
        // Which keys wait for a parked event, as the walk goes.
        var waiting = given.blocked
        for event in batch.events where event.sequence <= passed {
            let state = parked[event.sequence]
            check(all.contains(event.sequence) || state != nil, "lost")
            switch state {
            case .blocked: check(waiting.contains(event.orderingKey), "blocked by nothing")
            case .retry, .dead: check(!waiting.contains(event.orderingKey), "tried before its turn")
            case nil: check(!waiting.contains(event.orderingKey), "overtook a parked event")
            }
            if state == .retry || state == .dead && given.policy == .hold { waiting.insert(event.orderingKey) }
        }
        if let next = batch.events.first(where: { $0.sequence > passed }) {
            let couldGo =
                all.contains(next.sequence) || refused[next.sequence] != nil || waiting.contains(next.orderingKey)
            check(couldGo == outcome.isFull, "stopped too early, or says wrongly why")
        } else {
            check(!outcome.isFull, "full at the end")
        }
        return faults
    }
}

extension LoggedEvent {
    static func stub(_ sequence: Int64, key: String) -> LoggedEvent {
        LoggedEvent(
            sequence: sequence, id: "\(sequence)", type: "user.opted_in", version: 1, orderingKey: key,
            occurredAt: Timestamp(microseconds: sequence), aggregateType: "user", aggregateID: key, payload: "{}",
            correlationID: "c", causationID: nil, traceparent: nil)
    }
}
