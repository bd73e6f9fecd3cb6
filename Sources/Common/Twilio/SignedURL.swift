/// The address of a webhook as Twilio may have signed it.
///
/// Twilio's own libraries say that "signature generation on the back end is inconsistent": with or without the port,
/// with the query as it was sent or written again. Each form still needs the secret, so accepting all of them costs
/// nothing but time.
package struct SignedURL: Sendable {
    /// The address as given, without a fragment, which is never signed.
    package let bytes: [UInt8]

    package init(_ url: [UInt8]) {
        bytes = url.firstIndex(of: UInt8(ascii: "#")).map { Array(url[..<$0]) } ?? url
    }

    package init(_ url: String) { self.init(Array(url.utf8)) }

    /// Every distinct form, the address as given first.
    package var variants: [[UInt8]] {
        var variants: [[UInt8]] = []
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
        let query = mark.map { Array(bytes[($0 + 1)...]) }
        for front in fronts(Array(bytes[..<(mark ?? bytes.endIndex)])) {
            for query in queries(query) {
                let variant = query.map { front + [UInt8(ascii: "?")] + $0 } ?? front
                if !variants.contains(variant) { variants.append(variant) }
            }
        }
        return variants
    }

    /// The same address under another scheme; nil when it has none of the two.
    package var underOtherScheme: SignedURL? {
        guard let (scheme, rest) = split(bytes) else { return nil }
        switch String(decoding: scheme, as: UTF8.self).lowercased() {
        case "https": return SignedURL(Array("http".utf8) + rest)
        case "http": return SignedURL(Array("https".utf8) + rest)
        default: return nil
        }
    }

    // MARK: Scheme, host and port

    /// What stands before the query: as given, without a port, with the port that the scheme implies.
    private func fronts(_ front: [UInt8]) -> [[UInt8]] {
        guard let (scheme, rest) = split(front) else { return [front] }
        let afterSlashes = rest.dropFirst(3)
        let end = afterSlashes.firstIndex(of: UInt8(ascii: "/")) ?? afterSlashes.endIndex
        let authority = afterSlashes[..<end]
        let host = authority.lastIndex(of: UInt8(ascii: "@")).map { authority[($0 + 1)...] } ?? authority
        // The last colon, unless it is one of those inside an IPv6 literal.
        let colon = host.lastIndex(of: UInt8(ascii: ":")).flatMap { colon in
            host[colon...].contains(UInt8(ascii: "]")) ? nil : colon
        }
        guard let colon else {
            let port = String(decoding: scheme, as: UTF8.self).lowercased() == "https" ? ":443" : ":80"
            return [front, Array(front[..<end] + Array(port.utf8) + front[end...])]
        }
        return [front, Array(front[..<colon] + front[end...])]
    }

    /// Divides before `://`; the indices of the second part are those of the whole.
    private func split(_ url: [UInt8]) -> (scheme: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)? {
        guard let colon = url.firstIndex(of: UInt8(ascii: ":")), url[colon...].starts(with: "://".utf8) else {
            return nil
        }
        return (url[..<colon], url[colon...])
    }

    // MARK: Query

    private func queries(_ query: [UInt8]?) -> [[UInt8]?] {
        guard let query else { return [nil] }
        var forms: [[UInt8]?] = [query]
        if query.contains(UInt8(ascii: "'")) {
            forms.append(query.flatMap { $0 == UInt8(ascii: "'") ? PercentEncoding.triplet($0) : [$0] })
        }
        if let legacy = LegacyQuery.rewrite(query) { forms.append(legacy) }
        return forms
    }
}
