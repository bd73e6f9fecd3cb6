/// A set of numbers below 256, without storage of its own.
package struct Marks: Hashable, Sendable {
    private var low: UInt128 = 0
    private var high: UInt128 = 0

    package init() {}

    package var array: [Int] { (0..<256).filter { contains($0) } }

    package func contains(_ number: Int) -> Bool {
        (number < 128 ? low : high) & 1 &<< UInt128(truncatingIfNeeded: number & 127) != 0
    }

    package mutating func insert(_ number: Int) {
        let mark: UInt128 = 1 &<< UInt128(truncatingIfNeeded: number & 127)
        if number < 128 { low |= mark } else { high |= mark }
    }

    package mutating func remove(_ number: Int) {
        let mark: UInt128 = 1 &<< UInt128(truncatingIfNeeded: number & 127)
        if number < 128 { low &= ~mark } else { high &= ~mark }
    }

    /// Exact for numbers below 64.
    var word: UInt64 { UInt64(truncatingIfNeeded: low) }
}
