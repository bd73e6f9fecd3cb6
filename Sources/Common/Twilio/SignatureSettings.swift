/// The `X-Twilio-Webhooks-Signature-Settings` header: `key=webhooks_sharedkey_…,algorithm=HMAC_SHA256`.
///
/// It comes with webhooks signed by a SharedKey that the customer manages; without it, or without an algorithm in it,
/// the signature is an HMAC-SHA1. The names of keys are not looked at: every accepted secret is tried.
package enum SignatureSettings {
    package static let header = "X-Twilio-Webhooks-Signature-Settings"

    /// The algorithm that the header names; nil for one that we do not know.
    package static func algorithm(of header: String?) -> HMACKey.Algorithm? {
        for pair in (header ?? "").utf8.split(separator: UInt8(ascii: ",")) {
            let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, trimmed(sides[0]).lowercased() == "algorithm" else { continue }
            switch trimmed(sides[1]).uppercased() {
            case "", "HMAC_SHA1": return .sha1
            case "HMAC_SHA256": return .sha256
            default: return nil
            }
        }
        return .sha1
    }

    private static func trimmed(_ text: Substring.UTF8View.SubSequence) -> String {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let front = text.drop(while: isSpace)
        let end = front.lastIndex { !isSpace($0) }.map { front.index(after: $0) } ?? front.startIndex
        return String(decoding: front[..<end], as: UTF8.self)
    }
}
