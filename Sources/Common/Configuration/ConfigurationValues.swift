/// Reads the environment, notes every problem, and reports them all together.
///
/// A reader that finds a problem returns a placeholder, so that reading goes on; `check()` throws before any
/// placeholder can be used. A variable that is empty counts as unset.
package struct ConfigurationValues: Sendable {
    private let environment: [String: String]
    private var problems: [ConfigurationProblems.Problem] = []

    /// The variables asked for so far, whether set or not, in the order of asking.
    package private(set) var namesInOrder: [String] = []
    /// Those among them that hold a secret and may therefore be given as `NAME_FILE`.
    package private(set) var secretNames: Set<String> = []

    package init(environment: [String: String] = ProcessEnvironment.current) {
        self.environment = environment
    }

    package var namesRead: Set<String> { Set(namesInOrder) }

    /// Call it when all has been read.
    package func check() throws(ConfigurationProblems) {
        if !problems.isEmpty { throw ConfigurationProblems(problems) }
    }

    /// Notes a problem with `name`; `text` must not hold the value.
    ///
    /// The first one counts: a variable that two parts read has one line.
    package mutating func report(_ name: String, _ text: String) {
        if !problems.contains(where: { $0.name == name }) { problems.append(.init(name, text)) }
    }

    /// Whether `name`, or `name` as a file, is set.
    package func isSet(_ name: String) -> Bool { given(name) != nil || given(name + "_FILE") != nil }

    /// What `parse` makes of the variable; nil when it is unset, or, with a problem noted, when it cannot be parsed.
    package mutating func optional<Value>(
        _ name: String, expected: String, _ parse: (String) -> Value?
    ) -> Value? {
        note(name)
        guard let text = given(name) else { return nil }
        if let value = parse(text) { return value }
        report(name, "expected \(expected)")
        return nil
    }

    /// As `optional`, with a fallback for the unset variable; without a fallback the variable is required.
    package mutating func required<Value>(
        _ name: String, fallback: Value?, placeholder: Value, expected: String, _ parse: (String) -> Value?
    ) -> Value {
        if let value = optional(name, expected: expected, parse) { return value }
        if given(name) == nil, fallback == nil { report(name, "missing; expected \(expected)") }
        return fallback ?? placeholder
    }

    /// A secret, from the variable or from the file that `NAME_FILE` names; nil when neither is set.
    ///
    /// Noted as problems: both set, an unreadable or empty file, fewer than `minimumLength` characters.
    package mutating func optionalSecret(
        _ name: String, minimumLength: Int = 1, expected: String? = nil,
        where isValid: (String) -> Bool = { _ in true }
    ) -> Secret? {
        note(name)
        secretNames.insert(name)
        let expected = expected ?? (minimumLength > 1 ? "at least \(minimumLength) characters" : "a secret")
        let text: String
        switch (given(name), given(name + "_FILE")) {
        case (nil, nil): return nil
        case (.some, .some):
            report(name, "set either \(name) or \(name)_FILE, not both")
            return nil
        case (let value?, nil): text = value
        case (nil, let path?):
            guard let content = SecretFile.read(path), !content.isEmpty else {
                report(name + "_FILE", "expected the path of a readable file that holds the secret")
                return nil
            }
            text = content
        }
        if text.count >= minimumLength, isValid(text) { return Secret(text) }
        report(name, "expected \(expected)")
        return nil
    }

    private func given(_ name: String) -> String? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        return text
    }

    private mutating func note(_ name: String) {
        if !namesInOrder.contains(name) { namesInOrder.append(name) }
    }
}
