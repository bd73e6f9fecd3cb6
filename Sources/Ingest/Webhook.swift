import Common
import NIOHTTP1

/// A webhook as it arrived: what is judged and, if it is right, passed on.
///
/// A class, since it is handed from one step to the next and what it has is much to copy.
final class Webhook: Sendable {
    let route: WebhookRoute
    /// Path and query exactly as they came.
    let target: String
    let headers: HTTPHeaders
    let body: [UInt8]
    let remoteAddress: String?
    let correlationID: CorrelationID
    /// The span of who posted it.
    let caller: TraceParent?
    let receivedAt: Timestamp

    init(
        route: WebhookRoute, target: String, headers: HTTPHeaders, body: [UInt8], remoteAddress: String?,
        correlationID: CorrelationID, caller: TraceParent? = nil, receivedAt: Timestamp
    ) {
        self.route = route
        self.target = target
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
        self.correlationID = correlationID
        self.caller = caller
        self.receivedAt = receivedAt
    }

    /// Our own id of the reply that a status callback is about: the `m` of its address, as we gave it to Twilio.
    var replyID: UUID? {
        guard let start = target.firstIndex(of: "?") else { return nil }
        for pair in target[start...].dropFirst().split(separator: "&") where pair.hasPrefix("m=") {
            return UUID(pair.dropFirst(2))
        }
        return nil
    }

    /// What Twilio sends.
    private static let usualTypes = [
        "application/x-www-form-urlencoded; charset=UTF-8", "application/x-www-form-urlencoded; charset=utf-8",
        "application/x-www-form-urlencoded",
    ]

    /// Whether the body says that it is a form, in UTF-8 as Twilio writes it.
    var isForm: Bool {
        guard let type = headers.first(name: "Content-Type") else { return false }
        if Self.usualTypes.contains(type) { return true }
        var parts = type.lowercased().utf8.split(separator: UInt8(ascii: ";")).map {
            String(
                decoding: $0.filter { ![UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\"")].contains($0) },
                as: UTF8.self)
        }
        guard !parts.isEmpty, parts.removeFirst() == "application/x-www-form-urlencoded" else { return false }
        let charset = parts.first { $0.utf8.starts(with: "charset=".utf8) }
        return charset == nil || charset == "charset=utf-8" || charset == "charset=us-ascii"
    }
}
