/// Something that no log line may hold, and what it is.
package struct LogSecret: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case secret = "a secret of the environment"
        case code = "a one-time code"
        case body = "what somebody wrote"
        case phoneNumber = "a phone number"
    }

    package let kind: Kind
    package let text: String

    package init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// What of an environment is secret: the values of those variables, and passwords in addresses.
    ///
    /// What is shorter than eight characters is found everywhere and left out.
    package static func of(environment: [String: String], names: Set<String>) -> [LogSecret] {
        names.flatMap { name -> [LogSecret] in
            let value = environment[name] ?? environment[name + "_FILE"].map { textOfFile($0) } ?? ""
            let whole = value.split(whereSeparator: \.isNewline).joined()
            return ([whole] + [password(in: whole)].compactMap { $0 })
                .filter { $0.utf8.count >= 8 }.map { LogSecret(.secret, $0) }
        }
    }

    private static func password(in address: String) -> String? {
        guard let scheme = address.firstRange(of: "://") else { return nil }
        let authority = address[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return nil
        }
        return String(authority[authority.index(after: colon)..<at])
    }

    /// A text long enough to be found by, as a JSON line would have it; nil when it has none.
    package static func body(_ text: String) -> LogSecret? {
        let pieces = text.split { $0.isNewline || $0 == "\"" || $0 == "\\" }
        guard let longest = pieces.max(by: { $0.utf8.count < $1.utf8.count }), longest.utf8.count >= 12 else {
            return nil
        }
        return LogSecret(.body, String(longest.prefix(60)))
    }

    /// The one-time codes in a text: six digits that stand alone.
    package static func codes(in text: String) -> [LogSecret] {
        text.split { !$0.isLetter && !$0.isNumber }
            .filter { $0.utf8.count == 6 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
            .map { LogSecret(.code, String($0)) }
    }
}
