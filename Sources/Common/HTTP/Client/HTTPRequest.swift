package import NIOHTTP1

/// A request that we make of another server.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// `http` or `https` only.
    package var url: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
    package var basicAuthentication: (user: String, password: Secret)?
    /// From `send` to the response's last byte, time in the queue included.
    package var timeout: Duration = .seconds(30)
    /// For name resolution, TCP and TLS together.
    package var connectTimeout: Duration = .seconds(5)
    package var maximumResponseBytes = 1024 * 1024
    /// Whether a response counts only when its whole body has come.
    ///
    /// If not, its head is enough, whatever goes wrong with the body, of which at most `maximumResponseBytes` are read.
    package var needsBody = true
    /// Whether to go where a 3xx points, five times at most.
    package var followsRedirects = false

    package init(_ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Whether no header or method could break out of its line, and the URL is one line without NUL.
    var isWellFormed: Bool {
        func isOneLine(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }
        func isToken(_ text: String) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3A }
        }
        return isToken(method.rawValue) && isOneLine(url)
            && headers.allSatisfy { isToken($0.name) && isOneLine($0.value) }
    }
}
