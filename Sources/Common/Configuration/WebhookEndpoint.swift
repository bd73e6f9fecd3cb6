/// The address of a webhook: `scheme://[user[:password]@]host[:port][/path][?query]`.
///
/// The whole is a secret: such addresses often hold a token, in the path as well.
package struct WebhookEndpoint: Hashable, Sendable {
    package let url: Secret
    /// What of it may be logged: scheme, host and port.
    package let origin: WebAddress

    /// Nil for other schemes, fragments, characters that no address has, and malformed hosts and ports.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains(where: { "#\\\"<>".contains($0) }),
            let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://")
        else { return nil }
        let rest = text[text.index(colon, offsetBy: 3)...]
        var authority = rest.prefix { $0 != "/" && $0 != "?" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        guard let origin = WebAddress("\(text[..<colon])://\(authority)") else { return nil }
        url = Secret(text)
        self.origin = origin
    }
}
