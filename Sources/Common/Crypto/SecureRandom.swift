import COpenSSL

/// OpenSSL's cryptographically secure generator.
package struct SecureRandom: RandomNumberGenerator, Sendable {
    package init() {}

    package mutating func next() -> UInt64 {
        [UInt8].random(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension [UInt8] {
    /// `count` bytes from OpenSSL's cryptographically secure generator.
    package static func random(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            precondition(RAND_bytes(buffer.baseAddress, Int32(count)) == 1, "the system has no randomness to give")
            filled = count
        }
    }
}
