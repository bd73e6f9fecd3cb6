import TestSupport
import Testing

@testable import Relay

@Suite struct LeasePlanTests {
    /// Every number of relays and of shards up to some size, and who is asked.
    static let sizes = (1...9).flatMap { relays in (0...20).map { (relays, $0) } }

    @Test(arguments: sizes) func sharesAddUpAndDifferByAtMostOne(relays: Int, shards: Int) {
        let names = Set((0..<relays).map { "relay-\($0)" })
        let shares = names.map { LeasePlan.share(of: $0, among: names, shards: shards) }
        #expect(shares.reduce(0, +) == shards)
        #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1)
    }

    @Test func aRelayThatIsAloneClaimsEverything() {
        let plan = LeasePlan(
            for: "a", relays: [], owners: owners([nil, nil, "dead"]).mapValues { $0 == "dead" ? nil : $0 })
        #expect(plan.claim == 3)
        #expect(plan.release == [])
    }

    @Test func whoHasMoreThanItsShareGivesBackTheRest() {
        let all = owners(["a", "a", "a", "a"])
        #expect(LeasePlan(for: "a", relays: ["a", "b"], owners: all).release == [2, 3])
        let newcomer = LeasePlan(for: "b", relays: ["a", "b"], owners: all)
        #expect(newcomer.claim == 0)
        #expect(newcomer.release == [])
    }

    @Test func whoHasItsShareDoesNothingWithFreeShards() {
        let plan = LeasePlan(for: "a", relays: ["a", "b"], owners: owners(["a", "a", nil, nil]))
        #expect(plan.claim == 0)
        #expect(plan.release == [])
    }

    @Test func withMoreRelaysThanShardsSomeHaveNone() {
        let relays: Set = ["a", "b", "c"]
        let all = owners([nil, nil])
        #expect(relays.sorted().map { LeasePlan(for: $0, relays: relays, owners: all).claim } == [1, 1, 0])
    }

    /// Relays come and go and act one after the other, in any order: soon all shards are held, each by its fair share.
    @Test(arguments: UInt64(0)..<100) func anyOrderOfActingEndsInFairShares(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let names = (0..<Int.random(in: 1...6, using: &random)).map { "relay-\($0)" }
        let alive = Set(names.shuffled(using: &random).prefix(Int.random(in: 1...names.count, using: &random)))
        var all: LeasePlan.Owners = [:]
        for shard in 0..<64 {
            let owner = names.randomElement(using: &random)
            all.updateValue(owner.flatMap { alive.contains($0) ? $0 : nil }, forKey: shard)
        }
        for round in 0..<3 {
            // In the first round everybody gives back what is too much, so that in the second all is taken.
            for name in alive.shuffled(using: &random) {
                let plan = LeasePlan(for: name, relays: alive, owners: all)
                for shard in plan.release { all.updateValue(nil, forKey: shard) }
                let free = all.filter { $0.value == nil }.keys.sorted().prefix(plan.claim)
                for shard in free { all.updateValue(name, forKey: shard) }
            }
            if round == 2 {
                for name in alive {
                    #expect(all.values.count { $0 == name } == LeasePlan.share(of: name, among: alive, shards: 64))
                }
            }
        }
    }

    private func owners(_ list: [String?]) -> LeasePlan.Owners {
        Dictionary(uniqueKeysWithValues: list.enumerated().map { ($0.offset, $0.element) })
    }
}
