/// Why a host name gave no address; the name itself is not part of it.
package struct HostResolutionError: Error, Hashable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The name is not known, or has no address.
        case notFound
        /// The name servers gave no answer; later they may.
        case unavailable
        case timedOut
        case cancelled
        /// Too many look-ups hang in the system's resolver already.
        case busy
    }
    package let code: Code
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
