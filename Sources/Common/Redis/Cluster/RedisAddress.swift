/// Where a node of a cluster listens.
package struct RedisAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package static func < (one: Self, other: Self) -> Bool { (one.host, one.port) < (other.host, other.port) }

    /// Reads `host:port` as nodes announce it; a node that does not know its own host says none, or `?`.
    init?(announced text: Substring, unknownHost: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        self.init(announced: String(text[..<colon]), port: port, unknownHost: unknownHost)
    }

    /// A host and port as nodes announce them; nil for a port that is none.
    init?(announced host: String?, port: Int, unknownHost: String) {
        guard (1...65_535).contains(port) else { return nil }
        self.init(host: host.flatMap { $0.isEmpty || $0 == "?" ? nil : $0 } ?? unknownHost, port: port)
    }
}
