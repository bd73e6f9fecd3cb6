/// The Fowler-Noll-Vo hash, variant 1a: the same in every process and release, unlike Swift's own.
///
/// Constants and test vectors: http://www.isthe.com/chongo/tech/comp/fnv.
package enum FNV1a {
    /// The 64-bit hash of `bytes`.
    package static func hash64(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
