import TestSupport

extension SplitMix64 {
    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
    mutating func isTrue(_ percent: Int) -> Bool { below(100) < percent }
}
