import Glibc

/// Why a connection could not be made or ended; without the host's name.
package struct TransportError: Error, Hashable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case nameNotResolved
        case couldNotConnect
        /// The handshake failed: certificate, host name or protocol.
        case tlsFailed
        case timedOut
        case cancelled
        /// The peer closed the connection.
        case ended
        /// Reading or writing failed.
        case broken
    }
    package let code: Code
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    init(_ code: Code, _ what: String, errno: Int32) {
        self.init(code, "\(what): \(String(cString: strerror(errno)))")
    }

    init(_ error: HostResolutionError) {
        switch error.code {
        case .notFound, .unavailable, .busy:
            self.init(.nameNotResolved, "the host name could not be resolved: \(error.description)")
        case .timedOut: self.init(.timedOut, error.description)
        case .cancelled: self.init(.cancelled, error.description)
        }
    }
}
