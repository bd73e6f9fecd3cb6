import COpenSSL

/// Compares secrets without letting the time it takes tell where they differ.
package enum ConstantTime {
    /// Whether the two are the same bytes; only their lengths, which are no secret, may be learnt from the time.
    package static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
    }
}
