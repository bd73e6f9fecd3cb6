/// Why a command has no result; without its arguments.
package struct RedisError: Error, Hashable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// Not executed, for certain: no connection in time, too many waiting, or shutting down.
        case unavailable
        /// Written but not answered in time: executed or not.
        case timedOut
        /// Written but the connection ended before the reply: executed or not.
        case connectionLost
        /// Answered with an error whose first word is `prefix`: `OOM`, `NOSCRIPT`, `WRONGTYPE`, `ERR`.
        case server(prefix: String)
        /// Answered with something else than the caller can use.
        case unexpectedReply
    }
    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// An error reply, cut short before the arguments that some quote.
    package init(reply text: String) {
        let end = text.firstRange(of: ", with args beginning with")?.lowerBound ?? text.endIndex
        code = .server(prefix: String(text.prefix { $0 != " " }))
        description = String(text[..<end].prefix(200))
    }

    /// Whether sending it again can not have the effect twice: nothing of it was executed.
    package var isProvablyNotSent: Bool { code == .unavailable }

    /// Whether the server was there and refused.
    package var serverPrefix: String? {
        guard case .server(let prefix) = code else { return nil }
        return prefix
    }
}
