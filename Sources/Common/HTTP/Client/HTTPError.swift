/// Why there is no response.
package struct HTTPError: Error, Hashable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The URL or a header cannot be sent; the caller's mistake.
        case invalidRequest
        /// Too many requests are waiting for a connection already.
        case overloaded
        case nameNotResolved
        case couldNotConnect
        /// The client's `AddressPolicy` allows none of the host's addresses.
        case addressRefused
        /// TLS could not be agreed on, or the server's certificate is not to be trusted.
        case tlsFailed
        case timedOut
        /// The connection ended before the response did.
        case connectionLost
        /// The request was sent in part, or sending it again would have been needed and was refused.
        case sendFailed
        case responseTooLarge
        /// The task was cancelled, or the client closed.
        case cancelled
    }

    package let code: Code
    /// Whether no byte of the request can have reached the server; when false, the outcome is unknown.
    package let isProvablyNotSent: Bool
    /// libcurl's own words, which hold no part of the request.
    package let reason: String

    package init(_ code: Code, isProvablyNotSent: Bool, reason: String = "") {
        self.code = code
        self.isProvablyNotSent = isProvablyNotSent
        self.reason = reason
    }

    package var description: String {
        "\(code), \(isProvablyNotSent ? "not sent" : "may have been sent")" + (reason.isEmpty ? "" : ": \(reason)")
    }
}
