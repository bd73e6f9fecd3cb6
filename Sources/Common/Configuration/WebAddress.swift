import Glibc

/// An http or https address taken apart far enough to be checked: `scheme://host[:port][/path]`.
package struct WebAddress: Hashable, Sendable {
    package let isSecure: Bool
    /// In lower case; an IPv6 address without its brackets.
    package let host: String
    package let port: Int?
    /// The whole, without slashes at its end.
    package let text: String

    /// Nil for other schemes, user information, queries, fragments, spaces and malformed hosts and ports.
    package init?(_ given: String) {
        guard given.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !given.contains(where: { "?#@\\\"<>".contains($0) })
        else { return nil }
        let scheme = given.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https", given.dropFirst(scheme.count).hasPrefix("://") else { return nil }
        isSecure = scheme == "https"
        let rest = given.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" }
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end].lowercased()
            guard Self.isIPv6(host) else { return nil }
            let tail = authority[authority.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
            portText = tail.isEmpty ? nil : tail.dropFirst()
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = parts.first?.lowercased() ?? ""
            guard !host.isEmpty, host.allSatisfy({ $0.isLetter || $0.isNumber || "-._".contains($0) }) else {
                return nil
            }
            portText = parts.count == 2 ? parts[1] : nil
        }
        if let portText {
            guard portText.allSatisfy(\.isNumber), let port = Int(portText), (1...65535).contains(port) else {
                return nil
            }
            self.port = port
        } else {
            port = nil
        }
        var text = given[...]
        while text.hasSuffix("/") { text.removeLast() }
        self.text = String(text)
    }

    /// Whether the host is this machine: `localhost`, 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
    }

    private static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }
}
