import Common
import FoundationEssentials
import Testing

/// `.env.example` and the code name the same variables.
@Suite struct EnvExampleTests {
    private static let root = String(#filePath.dropLast("Tests/CommonTests/EnvExampleTests.swift".count))

    private let lines: [String]

    init() throws {
        let text = try String(contentsOfFile: Self.root + ".env.example", encoding: .utf8)
        lines = text.split(separator: "\n").map(String.init)
    }

    /// The names that any of our programs asks `ConfigurationValues` for, found in their source.
    private func namesInSources() throws -> Set<String> {
        let reading = /values\.[a-zA-Z]+\(\s*"([A-Z][A-Z0-9_]+)"/
        var names: Set<String> = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: Self.root + "Sources")
        where path.hasSuffix(".swift") {
            let source = try String(contentsOfFile: Self.root + "Sources/" + path, encoding: .utf8)
            names.formUnion(source.matches(of: reading).map { String($0.1) })
        }
        return names
    }

    /// The assignments; a line that is neither one nor a comment is nil.
    private var assignments: [(name: String, value: String)?] {
        lines.filter { !$0.hasPrefix("#") }.map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].wholeMatch(of: /[A-Z][A-Z0-9_]*/) != nil,
                parts[1].wholeMatch(of: /[^\s'"#$]*/) != nil
            else { return nil }
            return (String(parts[0]), String(parts[1]))
        }
    }

    @Test func itParses() {
        #expect(!assignments.contains { $0 == nil })
        let names = assignments.compactMap { $0?.name }
        #expect(Set(names).count == names.count, "a variable is given twice")
    }

    @Test func itListsExactlyTheVariablesThatAreRead() throws {
        let listed = Set(assignments.compactMap { $0?.name })
        let read = try namesInSources()
        #expect(read.subtracting(listed) == [], "read, and not in .env.example")
        #expect(listed.subtracting(read) == [], "in .env.example, and not read")
    }

    @Test func whatIsReadAtRunTimeIsWhatTheSourceSays() throws {
        var values = ConfigurationValues(environment: [:])
        KnownVariables.read(&values)
        #expect(values.namesRead.subtracting(try namesInSources()) == [])
    }

    @Test func itsDevelopmentValuesPassTheChecks() throws {
        let given = assignments.compactMap { $0 }
        var values = ConfigurationValues(environment: Dictionary(given.map { ($0.name, $0.value) }) { $1 })
        KnownVariables.read(&values)
        try values.check()
    }

    @Test func secretsAreMarked() throws {
        var values = ConfigurationValues(environment: [:])
        KnownVariables.read(&values)
        for name in values.secretNames.sorted() {
            let index = try #require(lines.firstIndex { $0.hasPrefix(name + "=") })
            let comments = lines[..<index].reversed().drop { !$0.hasPrefix("#") }.prefix { $0.hasPrefix("#") }
            #expect(comments.contains { $0.contains("(secret)") }, "\(name)")
        }
    }
}
