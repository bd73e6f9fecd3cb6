import COpenSSL

/// A secret ready to authenticate messages (RFC 2104): its key schedule is computed once and used again for each.
///
/// That makes a code of a short message three times as fast as OpenSSL's one-shot function.
/// Any thread may use it; threads wait for one another, half a microsecond a kilobyte.
package final class HMACKey: Sendable {
    package enum Algorithm: Sendable, CaseIterable {
        case sha1, sha256

        /// Of a code, in bytes.
        package var length: Int {
            switch self {
            case .sha1: 20
            case .sha256: 32
            }
        }
    }

    package let algorithm: Algorithm
    private let context: Locked<OpaquePointer>

    package init(_ algorithm: Algorithm, key: [UInt8]) {
        self.algorithm = algorithm
        guard let new = HMAC_CTX_new() else { fatalError("out of memory") }
        let digest =
            switch algorithm {
            case .sha1: EVP_sha1()
            case .sha256: EVP_sha256()
            }
        // The zero keeps the pointer of an empty key from being nil, which would mean "the key before".
        precondition(HMAC_Init_ex(new, key + [0], Int32(key.count), digest, nil) == 1, "OpenSSL refuses the key")
        context = Locked(new)
    }

    deinit { context.withLock { HMAC_CTX_free($0) } }

    /// The code of `first` followed by `second`: 20 bytes of SHA-1 or 32 of SHA-256.
    package func code(for first: [UInt8], _ second: [UInt8] = []) -> [UInt8] {
        context.withLock { context in
            HMAC_Init_ex(context, nil, 0, nil, nil)
            HMAC_Update(context, first, first.count)
            if !second.isEmpty { HMAC_Update(context, second, second.count) }
            return [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, filled in
                var length: UInt32 = 0
                HMAC_Final(context, buffer.baseAddress, &length)
                filled = Int(length)
            }
        }
    }
}

/// Message authentication codes with a key that is used once; see `HMACKey` for one that is used often.
package enum HMAC {
    package static func sha1(key: [UInt8], message: [UInt8]) -> [UInt8] { HMACKey(.sha1, key: key).code(for: message) }

    package static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        HMACKey(.sha256, key: key).code(for: message)
    }
}
