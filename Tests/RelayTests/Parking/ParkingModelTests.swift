import Common
import TestSupport
import Testing

@testable import Relay

/// A shard's life in memory: the decisions are the real ones, the table and the sink are played.
///
/// Whatever the sink answers and whenever the relay dies: no event is lost, and no key's events reach the sink in
/// another order than the log's.
@Suite struct ParkingModelTests {
    @Test(arguments: RelayConfiguration.ParkedPolicy.allCases, UInt64(0)..<15)
    func nothingIsLostOrInverted(policy: RelayConfiguration.ParkedPolicy, seed: UInt64) {
        var model = ParkingModel(policy: policy, seed: seed)
        for _ in 0..<200 { model.step() }
        model.heal()
        #expect(model.faults.isEmpty, "seed \(seed): \(model.faults)")
    }

    /// The model finds what it is to find.
    @Test(arguments: ParkingModel.Mistake.allCases) func aMistakeIsFound(mistake: ParkingModel.Mistake) {
        let found = (UInt64(0)..<40).contains { seed in
            var model = ParkingModel(policy: .skip, seed: seed)
            model.mistake = mistake
            for _ in 0..<200 { model.step() }
            model.heal()
            return !model.faults.isEmpty
        }
        #expect(found)
    }
}

/// One shard, its parked events and its sink.
struct ParkingModel {
    /// What a wrong relay would do.
    enum Mistake: CaseIterable {
        /// It offers events whose key has parked ones.
        case forgetsBlockedKeys
        /// It moves the cursor to the last event that was taken.
        case jumps
        /// It acknowledges and does not park.
        case forgetsToPark
        /// It tries whatever is due, behind a head whose time has not come as well.
        case ignoresHeads
    }

    private struct Parked {
        var event: LoggedEvent
        var state: ParkedState
        var attempts: Int
        var due: Int
    }

    let policy: RelayConfiguration.ParkedPolicy
    var mistake: Mistake?
    private(set) var faults: [String] = []
    private var random: SplitMix64
    private var log: [LoggedEvent] = []
    private var cursor: Int64 = 0
    private var ahead: Set<Int64> = []
    private var parked: [Int64: Parked] = [:]
    private var delivered: [LoggedEvent] = []
    private var now = 0
    private var isHealed = false

    init(policy: RelayConfiguration.ParkedPolicy, seed: UInt64) {
        self.policy = policy
        random = SplitMix64(seed: seed)
    }

    mutating func step() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: append()
        case 3..<6: publish()
        case 6..<8: retry()
        case 8: now += Int.random(in: 1...90_000, using: &random)
        default: ahead = []  // Another relay takes over.
        }
    }

    /// From now on the sink takes everything: what is left must go out, and then all is looked over.
    mutating func heal() {
        isHealed = true
        for _ in 0..<400 where cursor != log.last?.sequence ?? 0 || hasWaiting {
            now += 100_000
            publish()
            retry()
        }
        let reached = Set(delivered.map(\.sequence))
        for event in log where !reached.contains(event.sequence) {
            let state = parked[event.sequence]?.state
            if state != .dead && !(policy == .hold && isHeldUp(event)) {
                faults.append("lost \(event.sequence) \(String(describing: state))")
            }
        }
        for key in Set(log.map(\.orderingKey)) {
            var seen: Set<Int64> = []
            let first = delivered.filter { $0.orderingKey == key && seen.insert($0.sequence).inserted }.map(\.sequence)
            if first != first.sorted() { faults.append("key \(key) came as \(first)") }
        }
    }

    private var hasWaiting: Bool {
        parked.values.contains { $0.state != .dead && !(policy == .hold && isHeldUp($0.event)) }
    }

    private func isHeldUp(_ event: LoggedEvent) -> Bool {
        parked.values.contains {
            $0.state == .dead && $0.event.orderingKey == event.orderingKey && $0.event.sequence < event.sequence
        }
    }

    private mutating func append() {
        let sequence = (log.last?.sequence ?? 0) + Int64.random(in: 1...3, using: &random)
        log.append(.stub(sequence, key: ["a", "b", "c"].randomElement(using: &random) ?? "a"))
    }

    private mutating func publish() {
        var batch = ShardBatch(held: HeldShard(shard: 0, epoch: 1, cursor: cursor), events: [])
        batch.events = Array(log.filter { $0.sequence > cursor }.prefix(8))
        if mistake != .forgetsBlockedKeys {
            let live = parked.values.filter { $0.state != .dead || policy == .hold }
            batch.blockedKeys = Set(live.map(\.event.orderingKey))
        }
        let isProbe = !isHealed && Int.random(in: 0..<4, using: &random) == 0
        let offer = BatchOffer(batch, known: ahead, limit: isProbe ? 1 : .max)
        let answer = play(offer.offered)
        if !isHealed, Int.random(in: 0..<12, using: &random) == 0 { return ahead = [] }  // Dies before settling.
        let room = ParkingRoom(parked: parked.count, limit: isHealed ? 9999 : 12, limitOfKey: isHealed ? 9999 : 5)
        let outcome = BatchOutcome(offer, answer, room: room, policy: policy)
        ahead = outcome.ahead
        cursor = outcome.acknowledgement?.sequence ?? cursor
        if mistake == .jumps { cursor = max(cursor, outcome.published.last?.sequence ?? 0) }
        if mistake == .forgetsToPark { return }
        for parking in outcome.parkings {
            let pause = Int(parking.standing.pause.components.seconds)
            parked[parking.event.sequence] = Parked(
                event: parking.event, state: parking.standing.state, attempts: parking.standing.attempts,
                due: now + pause)
        }
    }

    private mutating func retry() {
        var batch = ShardBatch(held: HeldShard(shard: 0, epoch: 1, cursor: cursor), events: [], source: .parked)
        var stopped: Set<String> = []
        for entry in parked.values.sorted(by: { $0.event.sequence < $1.event.sequence }) {
            let key = entry.event.orderingKey
            if entry.state == .dead {
                if policy == .hold { stopped.insert(key) }
                continue
            }
            if entry.due > now { stopped.insert(key) }
            let isTried = mistake == .ignoresHeads ? entry.due <= now : !stopped.contains(key)
            if isTried { batch.events.append(entry.event) }
        }
        let answer = play(batch)
        if !isHealed, Int.random(in: 0..<12, using: &random) == 0 { return ahead = [] }
        let outcome = ParkedOutcome(batch, attempts: parked.mapValues(\.attempts), answer)
        for event in outcome.taken { parked[event.sequence] = nil }
        for (event, standing) in outcome.refused {
            let due = now + Int(standing.pause.components.seconds)
            parked[event.sequence] = Parked(
                event: event, state: standing.state, attempts: standing.attempts, due: due)
        }
    }

    /// What a sink might answer: takes, refuses, fails midway, and may take what it then says nothing of.
    private mutating func play(_ batch: ShardBatch) -> SinkAnswer? {
        if batch.events.isEmpty { return nil }
        var taken: Set<Int64> = []
        var refused: [Int64: EventRefusal] = [:]
        var stopped: Set<String> = []
        let failsAt = isHealed ? Int.max : Int.random(in: 0..<16, using: &random)
        for (index, event) in batch.events.enumerated() where !stopped.contains(event.orderingKey) {
            let chance = isHealed ? 0 : Int.random(in: 0..<20, using: &random)
            if index == failsAt {
                if chance < 10 { delivered.append(event) }
                break
            }
            if chance < 12 {
                delivered.append(event)
                taken.insert(event.sequence)
            } else {
                refused[event.sequence] = EventRefusal("no", isFinal: chance == 19)
                stopped.insert(event.orderingKey)
            }
        }
        return .partly(taken: taken, refused: refused)
    }
}
