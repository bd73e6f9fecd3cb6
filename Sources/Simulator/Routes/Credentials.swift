import Common

/// A user and password of HTTP Basic authentication (RFC 7617).
struct Credentials: Sendable {
    let user: String
    let password: String

    /// Reads the value of an `Authorization` header.
    init?(_ header: String?) {
        guard let header, header.prefix(6).lowercased() == "basic ",
            let bytes = [UInt8](base64: header.dropFirst(6).utf8)
        else { return nil }
        let sides = String(decoding: bytes, as: UTF8.self).split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2 else { return nil }
        (user, password) = (String(sides[0]), String(sides[1]))
    }
}
