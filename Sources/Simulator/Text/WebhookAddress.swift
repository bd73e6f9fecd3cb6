/// The parts of an http or https URL that the simulator tells apart, each kept as it was written.
struct WebhookAddress: Hashable, Sendable {
    /// `https://user:pw@host:port`.
    let origin: String
    /// Path and query, from the first `/`; empty when there is neither.
    let target: String
    /// What follows `#`: Twilio's connection overrides, never sent and never signed.
    let fragment: String?

    init?(_ text: String) {
        let sides = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let url = sides[0]
        guard let scheme = ["https://", "http://"].first(where: { url.lowercased().hasPrefix($0) }) else { return nil }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, !authority.contains(where: { $0.isWhitespace }) else { return nil }
        origin = String(url.prefix(scheme.count) + authority)
        target = String(rest.dropFirst(authority.count))
        fragment = sides.count > 1 ? String(sides[1]) : nil
    }

    init(at origin: String, _ target: String) {
        (self.origin, self.target, fragment) = (origin, target, nil)
    }

    /// The URL without its fragment.
    var url: String { origin + target }

    /// The path without the query.
    var path: String { String(target.prefix { $0 != "?" }) }

    /// The same path and query at another server.
    func url(at other: WebhookAddress) -> String { other.origin + target }

    func hasSameOrigin(as other: WebhookAddress) -> Bool { origin.lowercased() == other.origin.lowercased() }
}
