import Common
import TestSupport
import Testing

@testable import Relay

/// Two relays with short leases and a sink that refuses, fails and loses answers at random, on a real log.
@Suite struct RoughSinkTests {
    /// An event that always makes the sink fail, and is known of, does not keep those from it of which nobody has told.
    @Test func anEventThatFailsTheSinkDoesNotKeepOthersFromIt() async throws {
        try await withRelayFixture { fixture in
            let bad = UUID.timeOrdered()
            let others = (0..<20).map { _ in UUID.timeOrdered() }
                .filter { OutboxShard.of($0.description) != OutboxShard.of(bad.description) }
            let sink = ScriptedSink()
            sink.answer { $0.orderingKey == bad.description ? .fail(SinkError(.unavailable, "away")) : .take }
            try await fixture.withDrain(of: sink, named: "webhook") { _ in
                try await fixture.append(1, users: [bad])
                try await until("it has failed twice") { sink.tried.count >= 2 }
                try await fixture.append(others.count, users: others)
                try await until("another one gets its turn") { !sink.taken.isEmpty }
            }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [UInt64(1), 2])
    func everyEventArrivesAndNobodysAreInverted(seed: UInt64) async throws {
        try await withRelayFixture { fixture in
            let users = (0..<8).map { _ in UUID.timeOrdered() }
            let sink = ScriptedSink()
            let dice = Locked(SplitMix64(seed: seed))
            sink.answer { _ in
                switch dice.withLock({ Int.random(in: 0..<100, using: &$0) }) {
                case 0..<12: .refuse(EventRefusal(status: 400, "not today"))
                case 12..<16: .fail(SinkError(.unavailable, "away"))
                case 16..<20: .fail(SinkError(.unavailable, "no answer"), isTaken: true)
                default: .take
                }
            }
            let lease = Duration.seconds(2)
            try await fixture.withDrain(of: sink, named: "webhook", lease: lease) { _ in
                for _ in 0..<3 {
                    try await fixture.withDrain(of: sink, named: "webhook", lease: lease) { _ in
                        try await fixture.append(40, users: users.shuffled())
                        try await fixture.makeDue("webhook")
                        let before = sink.taken.count
                        try await until("something arrives") { sink.taken.count > before }
                    }
                    try await fixture.makeDue("webhook")
                }
                sink.answer { _ in .take }
                try await until("all arrives") {
                    try await fixture.makeDue("webhook")
                    return Set(sink.sequences).count == 120
                }
                try await until("nothing is parked") {
                    let (parked, pending) = (try await fixture.parked("webhook"), try await fixture.pending("webhook"))
                    return parked.isEmpty && pending == 0
                }
            }
            for user in users {
                var seen: Set<Int64> = []
                let first = sink.taken.filter {
                    $0.orderingKey == user.description && seen.insert($0.sequence).inserted
                }
                let order = first.map(\.sequence)
                #expect(order == order.sorted(), "seed \(seed)")
            }
        }
    }
}
