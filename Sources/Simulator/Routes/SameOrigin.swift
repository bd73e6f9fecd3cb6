import Common
import NIOHTTP1

/// Keeps other web pages, open in the same browser, from using the page's API.
///
/// It has no passwords. So requests must name a loopback host, which a name that was pointed at 127.0.0.1 does not, and
/// must not come from another origin.
enum SameOrigin {
    static func allows(_ request: HTTPServerRequest) -> Bool {
        guard let host = request.headers.first(name: "Host"), isLoopback(host) else { return false }
        guard let origin = request.headers.first(name: "Origin") else { return true }
        return origin == "http://" + host
    }

    private static func isLoopback(_ host: String) -> Bool {
        ["127.0.0.1", "localhost", "[::1]"].contains { host == $0 || host.hasPrefix($0 + ":") }
    }
}
