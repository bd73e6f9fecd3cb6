/// The keys of signed webhooks as Standard Webhooks 1.0 has them
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
///
/// A signature is `v1,` and the base64 of HMAC-SHA256 of id, timestamp and body, joined by full stops.
package struct StandardWebhookKeys: Sendable {
    private let keys: [HMACKey]

    private static let prefix = "whsec_"
    private static let version = "v1,"
    private static let lengths = 24...64
    private static let mostKeys = 8
    /// More than a rotation needs; the rest is not looked at.
    private static let mostSignatures = 16
    /// How far apart the clocks may be, so that a webhook that was overheard cannot be sent again for long.
    package static let tolerance = Duration.seconds(300)

    /// Reads `whsec_` and base64 of 24 to 64 bytes, or several of them separated by spaces: the first one signs.
    package init?(_ text: String) {
        var keys: [HMACKey] = []
        for part in text.split(separator: " ") {
            guard part.hasPrefix(Self.prefix), let key = [UInt8](base64: part.dropFirst(Self.prefix.count).utf8),
                Self.lengths.contains(key.count)
            else { return nil }
            keys.append(HMACKey(.sha256, key: key))
        }
        guard (1...Self.mostKeys).contains(keys.count) else { return nil }
        self.keys = keys
    }

    /// The value of `webhook-signature`: one signature a key, so that whoever knows one of them is content.
    package func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let head = Self.head(id, "\(timestamp)")
        return keys.map { Self.version + $0.code(for: head, body).base64 }.joined(separator: " ")
    }

    /// Why a webhook is not to be believed; nil when it is.
    ///
    /// Every key is compared with every signature in constant time, whatever was found before.
    package func refusal(
        id: String?, timestamp: String?, signature: String?, body: [UInt8], now: Timestamp
    ) -> StandardWebhookRefusal? {
        guard let id, let timestamp, let signature else { return .missingHeader }
        guard (1...StandardWebhookRefusal.longestID).contains(id.utf8.count),
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            (1...12).contains(timestamp.utf8.count), timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(timestamp)
        else { return .malformedHeader }
        let head = Self.head(id, timestamp)
        let expected = keys.map { $0.code(for: head, body).base64Bytes }
        var isRight = false
        for part in signature.split(separator: " ").prefix(Self.mostSignatures) where part.hasPrefix(Self.version) {
            let given = Array(part.dropFirst(Self.version.count).utf8)
            for code in expected where ConstantTime.equal(code, given) { isRight = true }
        }
        guard isRight else { return .wrongSignature }
        let age = now - Timestamp(seconds: seconds)
        if age > Self.tolerance { return .tooOld }
        return age < .zero - Self.tolerance ? .fromTheFuture : nil
    }

    private static func head(_ id: String, _ timestamp: String) -> [UInt8] {
        var bytes = Array(id.utf8)
        bytes.append(UInt8(ascii: "."))
        bytes += Array(timestamp.utf8)
        bytes.append(UInt8(ascii: "."))
        return bytes
    }
}

/// Why a signed webhook is refused: label values of a metric.
package enum StandardWebhookRefusal: String, Error, Hashable, Sendable, CaseIterable {
    case missingHeader = "events_missing_header"
    case malformedHeader = "events_malformed_header"
    case wrongSignature = "events_wrong_signature"
    /// Signed right, and longer ago than is believed.
    case tooOld = "events_too_old"
    case fromTheFuture = "events_from_the_future"

    /// Of `webhook-id`, in bytes.
    static let longestID = 128

    /// Whether the request cannot even be judged.
    package var isMalformed: Bool {
        switch self {
        case .missingHeader, .malformedHeader: true
        case .wrongSignature, .tooOld, .fromTheFuture: false
        }
    }
}
