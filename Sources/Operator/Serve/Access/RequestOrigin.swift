import Common
import NIOHTTP1

/// From where, and under which name, a browser sees the console, as far as that can be believed.
struct RequestOrigin: Sendable {
    /// `console.example.com`, `127.0.0.1:4020`.
    let host: String
    let isSecure: Bool
    /// The browser's address, for the limit on tries.
    let address: String

    /// Reads the headers of a proxy only if it is one of ours.
    init(_ request: HTTPServerRequest, proxies: TrustedProxies) {
        let isProxied = proxies.contains(request.remoteAddress)
        func forwarded(_ name: String) -> String? {
            guard isProxied else { return nil }
            return request.headers[canonicalForm: name].last.map(String.init)
        }
        host = forwarded("X-Forwarded-Host") ?? request.headers.first(name: "Host") ?? ""
        isSecure = forwarded("X-Forwarded-Proto") == "https"
        address = forwarded("X-Forwarded-For") ?? request.remoteAddress ?? "-"
    }

    /// As browsers write it.
    var text: String { (isSecure ? "https://" : "http://") + host }

    /// Whether the name is one of this machine's own, with any port: a tunnel may end at another.
    ///
    /// A name that somebody pointed at 127.0.0.1 is none: that is how other pages would get in (DNS rebinding).
    var isLoopback: Bool {
        ["127.0.0.1", "localhost", "[::1]"].contains { name in
            guard host.lowercased().hasPrefix(name) else { return false }
            let rest = host.dropFirst(name.count)
            return rest.isEmpty
                || rest.first == ":" && (1...5).contains(rest.count - 1)
                    && rest.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
    }

    /// Whether a form was sent by a page of ours: browsers tell with every POST where it comes from.
    func isSender(of request: HTTPServerRequest) -> Bool {
        guard let origin = request.headers.first(name: "Origin") else { return false }
        let site = request.headers.first(name: "Sec-Fetch-Site")
        return origin.lowercased() == text.lowercased() && (site == nil || site == "same-origin")
    }
}
