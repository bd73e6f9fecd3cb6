/// How to reach one Redis, or a cluster of them through any of its nodes.
package struct RedisConfiguration: Hashable, Sendable {
    package var host = "127.0.0.1"
    package var port = 6379
    /// Further nodes of the same cluster, to be asked when the first cannot be reached.
    package var otherAddresses: [RedisAddress] = []
    /// When set, `host`, `port` and TLS do not count.
    package var socketPath: String?
    package var username: String?
    package var password: Secret?
    package var database = 0
    package var usesTLS = false
    /// PEM file of the authorities to trust instead of the system's.
    package var caFile: String?
    /// For name, connection, TLS and log-in together.
    package var connectTimeout: Duration = .seconds(5)
    /// For a command that names no deadline of its own, from being given to its reply.
    package var commandTimeout: Duration = .seconds(2)
    /// Commands that may wait for their replies, or for a connection; more are refused at once.
    package var maximumWaiting = 20_000
    /// Bytes of commands that may wait to be written; more are refused at once.
    package var maximumWaitingBytes = 64 << 20
    /// What the server lists this connection as.
    package var clientName = "whatsapp-handler"

    package init() {}

    /// Reads `redis://[user:password@]host[:port][,host[:port]…][/database]`, the same with `rediss` for TLS, or `unix:///path`.
    ///
    /// User, password and path may be percent-encoded; `redis://:password@host` logs in without a user. A unix URL takes
    /// its database as `?db=1`.
    package init(url: Secret) throws(RedisURLError) {
        var rest = Substring(url.value)
        guard let schemeEnd = rest.firstRange(of: "://") else { throw .scheme }
        let scheme = rest[..<schemeEnd.lowerBound].lowercased()
        rest = rest[schemeEnd.upperBound...]
        guard ["redis", "rediss", "unix"].contains(scheme) else { throw .scheme }
        guard !rest.contains("#") else { throw .unknownPart }
        usesTLS = scheme == "rediss"

        var query: Substring?
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        let authorityEnd = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<authorityEnd]
        let path = rest[authorityEnd...]
        if let at = authority.lastIndex(of: "@") {
            try readCredentials(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        if scheme == "unix" {
            guard authority.isEmpty, path.count > 1 else { throw .path }
            socketPath = try Self.decoded(path)
        } else {
            var addresses: [RedisAddress] = []
            for part in authority.split(separator: ",", omittingEmptySubsequences: false) {
                addresses.append(try Self.address(part))
            }
            (host, port) = (addresses[0].host, addresses[0].port)
            otherAddresses = Array(addresses.dropFirst())
            if path.count > 1 { database = try Self.database(path.dropFirst()) }
        }
        for item in query?.split(separator: "&") ?? [] {
            guard item.hasPrefix("db=") else { throw .unknownPart }
            database = try Self.database(item.dropFirst(3))
        }
    }

    /// The same for another node.
    func at(_ address: RedisAddress) -> RedisConfiguration {
        var other = self
        (other.host, other.port, other.socketPath, other.otherAddresses) = (address.host, address.port, nil, [])
        return other
    }

    /// One for each address that was given.
    var seeds: [RedisConfiguration] {
        var first = self
        first.otherAddresses = []
        return [first] + otherAddresses.map(at)
    }

    /// Where to connect.
    var endpoint: TransportEndpoint {
        socketPath.map { .unix(path: $0) } ?? .tcp(host: host, port: port)
    }

    private mutating func readCredentials(_ text: Substring) throws(RedisURLError) {
        guard let colon = text.firstIndex(of: ":") else { throw .credentials }
        let user = try Self.decoded(text[..<colon])
        let password = try Self.decoded(text[text.index(after: colon)...])
        guard !password.isEmpty else { throw .credentials }
        username = user.isEmpty ? nil : user
        self.password = Secret(password)
    }

    private static func address(_ text: Substring) throws(RedisURLError) -> RedisAddress {
        var address = RedisAddress(host: "", port: 6379)
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .host }
            address.host = String(text[text.index(after: text.startIndex)..<end])
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw .host }
            if !after.isEmpty { portText = after.dropFirst() }
        } else if let colon = text.lastIndex(of: ":") {
            address.host = String(text[..<colon])
            portText = text[text.index(after: colon)...]
        } else {
            address.host = String(text)
        }
        guard !address.host.isEmpty, !address.host.contains(where: { $0.isWhitespace }) else { throw .host }
        if let portText {
            guard let number = Int(portText), (1...65_535).contains(number) else { throw .port }
            address.port = number
        }
        return address
    }

    private static func database(_ text: Substring) throws(RedisURLError) -> Int {
        guard let number = Int(text), number >= 0 else { throw .database }
        return number
    }

    private static func decoded(_ text: Substring) throws(RedisURLError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let code = UInt8(Substring(rest.prefix(2)), radix: 16), rest.count >= 2 else { throw .encoding }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .encoding }
        return decoded
    }
}
