/// Checks Twilio's signatures with every accepted secret against every form of the address.
///
/// The scheme (https://www.twilio.com/docs/usage/security#validating-requests) is base64(HMAC(secret, address +
/// parameters)). It has no time in it: a captured request stays valid for ever, and knowing a MessageSid again is
/// what keeps it from having an effect twice. Nor does it say where a name ends and its value begins, so the account
/// and recipient are to be compared too.
package struct SignatureValidator: Sendable {
    /// What is signed beside the address.
    package enum Body: Sendable {
        case form(FormParameters)
        /// Anything else, whose SHA-256 the address carries as `bodySHA256`.
        case other([UInt8])
    }

    /// The header with the signature.
    package static let header = "X-Twilio-Signature"

    /// Looking for the reason of a refusal doubles its cost; above this size of a body it is not looked for.
    private static let diagnosticLimit = 16 * 1024

    private let sha1: [HMACKey]
    private let sha256: [HMACKey]

    /// Takes the secrets accepted, the one expected first: during a change of tokens there are two.
    package init(secrets: [Secret]) {
        sha1 = secrets.map { HMACKey(.sha1, key: Array($0.value.utf8)) }
        sha256 = secrets.map { HMACKey(.sha256, key: Array($0.value.utf8)) }
    }

    /// Checks one request; nil means that its signature is right.
    ///
    /// `urls` are the addresses that Twilio may have called, the likely one first; `settings` is the value of
    /// `SignatureSettings.header`. The first form of the first address is tried with the first secret alone, as
    /// almost every request that is right is right there; when it is not, all are tried, whichever of them fit.
    package func refusal(
        signature: String?, settings: String? = nil, urls: [SignedURL], body: Body
    ) -> SignatureRefusal? {
        guard let signature, !signature.isEmpty else { return .missingHeader }
        guard let algorithm = SignatureSettings.algorithm(of: settings) else { return .unknownAlgorithm }
        let given = Array(signature.utf8)
        let keys =
            switch algorithm {
            case .sha1: sha1
            case .sha256: sha256
            }
        let tail: [UInt8]
        switch body {
        case .form(let parameters): tail = parameters.signedBytes
        case .other: tail = []
        }
        let isFirst =
            if let key = keys.first, let url = urls.first { isRight(given, key, url.bytes, tail) } else { false }
        if isFirst { return refusal(ofBody: body, urls) }
        guard hasShape(given, of: algorithm) else { return .malformedHeader }
        if matches(given, keys, urls, tail) { return refusal(ofBody: body, urls) }
        if tail.count <= Self.diagnosticLimit, matches(given, keys, urls.compactMap(\.underOtherScheme), tail) {
            return .wrongScheme
        }
        if case .other = body, urls.allSatisfy({ bodyHash(in: $0) == nil }) { return .bodyHashMissing }
        return .wrongToken
    }

    // MARK: The address and the parameters

    private func isRight(_ given: [UInt8], _ key: HMACKey, _ url: [UInt8], _ tail: [UInt8]) -> Bool {
        ConstantTime.equal(given, key.code(for: url, tail).base64Bytes)
    }

    /// Whether any form with any secret fits, in a time that does not tell which.
    private func matches(_ given: [UInt8], _ keys: [HMACKey], _ urls: [SignedURL], _ tail: [UInt8]) -> Bool {
        var fits = 0
        for url in urls {
            for variant in url.variants {
                for key in keys { fits += isRight(given, key, variant, tail) ? 1 : 0 }
            }
        }
        return fits > 0
    }

    /// 20 or 32 bytes in base64: 28 or 44 characters, padding included.
    private func hasShape(_ given: [UInt8], of algorithm: HMACKey.Algorithm) -> Bool {
        [UInt8](base64: given)?.count == algorithm.length
    }

    // MARK: Bodies that are not forms

    private func refusal(ofBody body: Body, _ urls: [SignedURL]) -> SignatureRefusal? {
        guard case .other(let bytes) = body else { return nil }
        guard let hash = urls.lazy.compactMap(bodyHash).first else { return .bodyHashMissing }
        return ConstantTime.equal(hash, Array(SHA256.digest(of: bytes).hex.utf8)) ? nil : .bodyHashMismatch
    }

    /// The `bodySHA256` of the query.
    private func bodyHash(in url: SignedURL) -> [UInt8]? {
        guard let mark = url.bytes.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let name = Array("bodySHA256=".utf8)
        for part in url.bytes[(mark + 1)...].split(separator: UInt8(ascii: "&")) where part.starts(with: name) {
            return Array(part.dropFirst(name.count))
        }
        return nil
    }
}
