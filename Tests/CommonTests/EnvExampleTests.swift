import Common
import Glibc
import Testing

/// `.env.example` and the code name the same variables.
@Suite struct EnvExampleTests {
    private let lines: [String]

    init() throws {
        let root = #filePath.dropLast("Tests/CommonTests/EnvExampleTests.swift".count)
        let file = try #require(fopen(root + ".env.example", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
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

    @Test func itListsExactlyTheVariablesThatAreRead() {
        var values = ConfigurationValues(environment: [:])
        KnownVariables.read(&values)
        let listed = Set(assignments.compactMap { $0?.name })
        #expect(values.namesRead.subtracting(listed) == [], "read, and not in .env.example")
        #expect(listed.subtracting(values.namesRead) == [], "in .env.example, and not read")
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
