import COpenSSL

/// The SHA-256 digest (FIPS 180-4).
package enum SHA256 {
    /// The 32 bytes of the digest of `message`.
    package static func digest(of message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, filled in
            _ = COpenSSL.SHA256(message, message.count, buffer.baseAddress)
            filled = 32
        }
    }
}
