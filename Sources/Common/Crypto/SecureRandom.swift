import Glibc

/// The kernel's cryptographically secure generator.
package struct SecureRandom: RandomNumberGenerator, Sendable {
    package init() {}

    package mutating func next() -> UInt64 {
        [UInt8].random(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension [UInt8] {
    /// `count` bytes from the kernel's cryptographically secure generator.
    package static func random(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                // As much as it gives at once.
                let part = UnsafeMutableBufferPointer(rebasing: buffer[filled...].prefix(256))
                precondition(getentropy(part.baseAddress, part.count) == 0, "the system has no randomness to give")
                filled += part.count
            }
        }
    }
}
