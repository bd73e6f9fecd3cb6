/// Everything that is wrong with the environment, found in one reading.
///
/// It names variables and says what was expected of them; it never holds their values.
package struct ConfigurationProblems: Error, Hashable, Sendable, CustomStringConvertible {
    /// One variable and what is wrong with it.
    package struct Problem: Hashable, Sendable, CustomStringConvertible {
        package let name: String
        package let text: String

        package init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }

        package var description: String { "\(name): \(text)" }
    }

    package let problems: [Problem]

    package init(_ problems: [Problem]) { self.problems = problems }

    package var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return "configuration has \(count):" + problems.map { "\n  - \($0)" }.joined()
    }
}
