import Testing

@testable import Common

@Suite struct ConstantTimeTests {
    @Test func theSameBytesAreEqual() {
        #expect(ConstantTime.equal([], []))
        let bytes = [UInt8](0...255)
        #expect(ConstantTime.equal(bytes, bytes))
        #expect(!ConstantTime.equal(bytes, Array(bytes.dropLast())) && !ConstantTime.equal([], [0]))
        for index in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[index] ^= 1 << bit
                #expect(!ConstantTime.equal(bytes, other), "\(index), bit \(bit)")
            }
        }
    }

    /// A comparison that stopped at the first difference would take a millionth of the time; the shortest of several
    /// runs is not touched by what else the machine does.
    @Test func aDifferenceIsNotFoundSoonerWhereItComesSooner() {
        let bytes = [UInt8](repeating: 7, count: 4_000_000)
        var (first, last) = (bytes, bytes)
        first[0] = 8
        last[bytes.count - 1] = 8
        func shortest(_ compare: () -> Bool) -> Duration {
            (0..<9).map { _ in
                ContinuousClock().measure { if compare() { Issue.record("they differ") } }
            }.min() ?? .zero
        }
        let (soon, late) = (
            shortest { ConstantTime.equal(bytes, first) }, shortest { ConstantTime.equal(bytes, last) }
        )
        #expect(soon * 4 > late && late * 4 > soon, "\(soon) and \(late)")
        // What the test is about is seen by it: `==` stops at the first difference.
        let (early, thorough) = (shortest { bytes == first }, shortest { bytes == last })
        #expect(early * 4 < thorough, "\(early) and \(thorough)")
    }
}
