/// What is expected of a variable that holds a path.
let readableFile = "the path of a readable file"

extension ConfigurationValues {
    /// A text; required unless there is a `fallback`.
    package mutating func string(
        _ name: String, default fallback: String? = nil, expected: String = "a text",
        where isValid: (String) -> Bool = { _ in true }
    ) -> String {
        required(name, fallback: fallback, placeholder: "", expected: expected) { isValid($0) ? $0 : nil }
    }

    /// A text that may be absent.
    package mutating func optionalString(
        _ name: String, expected: String = "a text", where isValid: (String) -> Bool = { _ in true }
    ) -> String? {
        optional(name, expected: expected) { isValid($0) ? $0 : nil }
    }

    /// A secret that must be there; see `optionalSecret`.
    package mutating func secret(
        _ name: String, minimumLength: Int = 1, expected: String? = nil,
        where isValid: (String) -> Bool = { _ in true }
    ) -> Secret {
        let secret = optionalSecret(name, minimumLength: minimumLength, expected: expected, where: isValid)
        if secret == nil, !isSet(name) {
            let least = minimumLength > 1 ? "at least \(minimumLength) characters" : "a secret"
            report(name, "missing; expected \(expected ?? least)")
        }
        return secret ?? Secret("")
    }

    /// A whole number in `range`; required unless there is a `fallback`.
    package mutating func int(
        _ name: String, default fallback: Int? = nil, in range: ClosedRange<Int>
    ) -> Int {
        required(
            name, fallback: fallback, placeholder: range.lowerBound, expected: Self.describe(range),
            { Self.number($0, in: range) })
    }

    /// A whole number in `range` that may be absent.
    package mutating func optionalInt(_ name: String, in range: ClosedRange<Int>) -> Int? {
        optional(name, expected: Self.describe(range)) { Self.number($0, in: range) }
    }

    /// A whole number of seconds in `range`.
    package mutating func seconds(
        _ name: String, default fallback: Int, in range: ClosedRange<Int>
    ) -> Duration {
        .seconds(int(name, default: fallback, in: range))
    }

    /// `true` or `false`, also as 1 or 0, yes or no, on or off.
    package mutating func bool(_ name: String, default fallback: Bool) -> Bool {
        required(name, fallback: fallback, placeholder: fallback, expected: "true or false") { text in
            switch text.lowercased() {
            case "true", "1", "yes", "on": true
            case "false", "0", "no", "off": false
            default: nil
            }
        }
    }

    /// One of the names of an enum's cases; required unless there is a `fallback`.
    package mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default fallback: Choice
    ) -> Choice where Choice.RawValue == String {
        required(
            name, fallback: fallback, placeholder: fallback,
            expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "),
            Choice.init(rawValue:))
    }

    /// Names of an enum's cases, separated by commas, at least one; repetitions count once.
    package mutating func choices<Choice: RawRepresentable & CaseIterable & Hashable>(
        _ name: String, default fallback: [Choice], expected: String? = nil
    ) -> [Choice] where Choice.RawValue == String {
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return required(
            name, fallback: fallback, placeholder: fallback, expected: expected ?? "a list out of \(known)"
        ) { text in
            var found: [Choice] = []
            for part in text.split(separator: ",") {
                guard let choice = Choice(rawValue: part.trimmed) else { return nil }
                if !found.contains(choice) { found.append(choice) }
            }
            return found.isEmpty ? nil : found
        }
    }

    /// An http or https address without user, query and fragment, given back without a slash at its end.
    ///
    /// - plainHTTP: where `http://` is accepted.
    package mutating func url(
        _ name: String, default fallback: String? = nil, plainHTTP: PlainHTTP = .anywhere
    ) -> String {
        required(name, fallback: fallback, placeholder: "", expected: plainHTTP.expectation, plainHTTP.address)
    }

    /// Where an address may do without TLS.
    package enum PlainHTTP: Sendable {
        case anywhere
        case onlyToLoopback

        fileprivate var expectation: String {
            switch self {
            case .anywhere: "an http or https address"
            case .onlyToLoopback: "an https address (http only to a loopback address)"
            }
        }

        fileprivate func address(_ text: String) -> String? {
            guard let url = WebAddress(text) else { return nil }
            let isAllowed =
                switch self {
                case .anywhere: true
                case .onlyToLoopback: url.isSecure || url.isLoopback
                }
            return isAllowed ? url.text : nil
        }
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? "a number from \(range.lowerBound)" : "a number from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
}

extension Substring {
    /// Without spaces at either end.
    fileprivate var trimmed: String {
        var rest = drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
