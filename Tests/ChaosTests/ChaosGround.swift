import Glibc
import TestSupport
import Testing

/// One Postgres for all scenarios, which run one after the other; its commits survive its death.
struct ChaosGround: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await SharedPostgres.share(durable: true, atOnce: 1, function)
    }
}

extension Trait where Self == ChaosGround {
    static var chaosGround: Self { ChaosGround() }
}

/// How long and how much: seconds of each scenario in `make test`, a minute of each in `make chaos`.
struct Extent: Sendable {
    var load: Fleet.Load
    /// How long the faults go on.
    var faults: Duration
    /// How long everything may take to settle afterwards.
    var patience: Duration

    static let isLong = getenv("CHAOS").map { String(cString: $0) == "long" } ?? false
    /// `CHAOS_SEED`, to see again what was seen before.
    static let seed = getenv("CHAOS_SEED").flatMap { UInt64(String(cString: $0)) }

    static func current(seed: UInt64) -> Extent {
        if isLong {
            return Extent(
                load: .init(passengers: 120, rate: 60, seconds: 40, seed: seed), faults: .seconds(36),
                patience: .seconds(150))
        }
        return Extent(
            load: .init(passengers: 40, rate: 40, seconds: 3, seed: seed), faults: .milliseconds(2600),
            patience: .seconds(40))
    }
}

extension SplitMix64 {
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }
}
