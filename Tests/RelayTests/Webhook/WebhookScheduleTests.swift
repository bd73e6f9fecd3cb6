import Common
import TestSupport
import Testing

@testable import Relay

@Suite struct WebhookScheduleTests {
    private let refusal = WebhookVerdict.refused(EventRefusal(status: 422, "answered 422"))

    @Test func oneAtATimeOfAKeyTheOldestFirst() {
        var schedule = WebhookSchedule([WebhookSamples.batch(["a", "a", "b", "c", "a"])], width: 16)
        #expect(taken(&schedule) == [1, 3, 4])
        schedule.answered(3, .taken)
        #expect(taken(&schedule) == [])
        schedule.answered(1, .taken)
        #expect(taken(&schedule) == [2])
        schedule.answered(2, .taken)
        #expect(taken(&schedule) == [5])
        schedule.answered(5, .taken)
        schedule.answered(4, .taken)
        #expect(schedule.count == 0)
        #expect(schedule.report.answers == [0: .taken(count: 5)])
        #expect(schedule.report.failure == nil)
    }

    @Test func noMoreThanItsWidthAtATime() {
        let keys = (0..<40).map { "k\($0)" }
        var schedule = WebhookSchedule([WebhookSamples.batch(keys)], width: 16)
        #expect(taken(&schedule) == Array(1...16))
        schedule.answered(5, refusal)
        #expect(taken(&schedule) == [17])
    }

    @Test func behindARefusedOneNothingOfItsKeyGoes() {
        var schedule = WebhookSchedule([WebhookSamples.batch(["a", "b", "a", "b"])], width: 16)
        #expect(taken(&schedule) == [1, 2])
        schedule.answered(1, refusal)
        schedule.answered(2, .taken)
        #expect(taken(&schedule) == [4])
        schedule.answered(4, .taken)
        #expect(taken(&schedule) == [])
        #expect(
            schedule.report.answers
                == [0: .partly(taken: [2, 4], refused: [1: EventRefusal(status: 422, "answered 422")])])
    }

    @Test func afterAFailureOfTheEndpointNothingMoreGoes() {
        var schedule = WebhookSchedule([WebhookSamples.batch(["a", "b", "c"])], width: 2)
        #expect(taken(&schedule) == [1, 2])
        schedule.answered(1, .unavailable("it answered 503", wait: .seconds(9)))
        #expect(taken(&schedule) == [])
        schedule.answered(2, .taken)
        #expect(taken(&schedule) == [])
        let report = schedule.report
        #expect(report.answers == [0: .partly(taken: [2], refused: [:])])
        #expect(report.failure?.code == .unavailable && report.failure?.retryAfter == .seconds(9))
    }

    /// What says that nothing is wanted any more counts more than a hiccup.
    @Test func goneOutweighsUnavailable() {
        for order in [[0, 1], [1, 0]] {
            var schedule = WebhookSchedule([WebhookSamples.batch(["a", "b"])], width: 2)
            #expect(taken(&schedule) == [1, 2])
            for index in order {
                schedule.answered(Int64(index + 1), index == 0 ? .gone : .unavailable("it answered 503", wait: nil))
            }
            #expect(schedule.report.failure?.code == .disabled)
        }
    }

    /// Random batches, answers in random order: what must hold of every schedule.
    @Test(arguments: 0..<200) func randomSchedulesKeepTheRules(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let width = Int.random(in: 1...16, using: &random)
        var sequence: Int64 = 0
        let batches = (0..<Int.random(in: 1...4, using: &random)).map { shard in
            let keys = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                "\(shard)-\(Int.random(in: 0..<6, using: &random))"
            }
            defer { sequence += Int64(keys.count) }
            return WebhookSamples.batch(keys, first: sequence + 1, shard: shard)
        }
        let keys = Dictionary(
            uniqueKeysWithValues: batches.flatMap(\.events).map { ($0.sequence, $0.orderingKey) })
        let failsAfter = Bool.random(using: &random) ? Int.random(in: 0..<60, using: &random) : Int.max
        var schedule = WebhookSchedule(batches, width: width)
        var (flying, begun, accepted, refused): ([Int64], [Int64], Set<Int64>, Set<Int64>) = ([], [], [], [])
        var answers = 0
        while true {
            while let event = schedule.next() {
                try #require(flying.allSatisfy { keys[$0] != event.orderingKey }, "seed \(seed)")
                // In order, and none skipped.
                let before = keys.filter { $0.value == event.orderingKey && $0.key < event.sequence }.keys
                try #require(before.allSatisfy { accepted.contains($0) }, "seed \(seed)")
                flying.append(event.sequence)
                begun.append(event.sequence)
                try #require(flying.count <= width, "seed \(seed)")
            }
            guard let answered = flying.randomElement(using: &random) else { break }
            flying.removeAll { $0 == answered }
            answers += 1
            if answers > failsAfter {
                schedule.answered(answered, .unavailable("away", wait: nil))
            } else if Int.random(in: 0..<8, using: &random) == 0 {
                refused.insert(answered)
                schedule.answered(answered, refusal)
            } else {
                accepted.insert(answered)
                schedule.answered(answered, .taken)
            }
        }
        #expect(Set(begun).count == begun.count, "seed \(seed)")
        var seen: (taken: Set<Int64>, refused: Set<Int64>) = ([], [])
        for batch in batches {
            switch schedule.report.answers[batch.held.shard] {
            case .taken(let count):
                #expect(count == batch.events.count, "seed \(seed)")
                seen.taken.formUnion(batch.events.map(\.sequence))
            case .partly(let taken, let refusals):
                seen.taken.formUnion(taken)
                seen.refused.formUnion(refusals.keys)
            case .outOfStep, nil: Issue.record("no answer for shard \(batch.held.shard), seed \(seed)")
            }
        }
        #expect(seen.taken == accepted && seen.refused == refused, "seed \(seed)")
        #expect((schedule.failure != nil) == (answers > failsAfter), "seed \(seed)")
        if schedule.failure == nil {
            // Everything was tried but what is behind a refused one.
            let blocked = keys.filter { entry in
                refused.contains { keys[$0] == entry.value && $0 < entry.key }
            }
            #expect(Set(begun) == Set(keys.keys).subtracting(blocked.keys), "seed \(seed)")
        }
    }

    private func taken(_ schedule: inout WebhookSchedule) -> [Int64] {
        var begun: [Int64] = []
        while let event = schedule.next() { begun.append(event.sequence) }
        return begun
    }
}
