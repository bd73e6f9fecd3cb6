import Common
import NIOHTTP1

/// The addresses under which Twilio may have called, which is what it signed.
///
/// `PUBLIC_BASE_URL` with the request's own path and query comes first, and is all there is unless the connection is
/// from a trusted proxy. Then scheme and host are also taken from `X-Forwarded-Proto` and `X-Forwarded-Host`, so that
/// one service can have several names; nobody can use that without the secret.
struct WebhookAddresses: Sendable {
    private let base: String
    private let scheme: Substring
    private let path: Substring
    private let proxies: TrustedProxies

    /// Takes the base without a slash at its end.
    init(base: String, proxies: TrustedProxies) {
        self.base = base
        self.proxies = proxies
        scheme = base.prefix { $0 != ":" }
        path = base.dropFirst(scheme.count + 3).drop { $0 != "/" }
    }

    func candidates(for webhook: Webhook) -> [SignedURL] {
        let configured = SignedURL(base + webhook.target)
        guard proxies.contains(webhook.remoteAddress), let forwarded = forwardedBase(webhook.headers),
            forwarded != base
        else { return [configured] }
        return [configured, SignedURL(forwarded + webhook.target)]
    }

    private func forwardedBase(_ headers: HTTPHeaders) -> String? {
        let scheme = first(headers, "X-Forwarded-Proto")?.lowercased() ?? String(scheme)
        guard scheme == "https" || scheme == "http",
            let host = first(headers, "X-Forwarded-Host") ?? first(headers, "Host"),
            (1...255).contains(host.utf8.count),
            host.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"/?#@\\".utf8.contains($0) })
        else { return nil }
        return "\(scheme)://\(host)\(path)"
    }

    /// The first of a list: what the client itself used.
    private func first(_ headers: HTTPHeaders, _ name: String) -> String? {
        guard let value = headers.first(name: name)?.split(separator: ",").first else { return nil }
        return value.filter { $0 != " " && $0 != "\t" }
    }
}
