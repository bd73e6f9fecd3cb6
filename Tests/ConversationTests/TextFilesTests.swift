import FoundationEssentials
import Testing

/// Everything that is said to passengers stands in `Conversation/Texts`, to be read and translated in one place.
@Suite struct TextFilesTests {
    private static let root =
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Sources/Worker"

    /// A sentence for people begins with a capital letter and has a space; errors and logs are for operators, and begin
    /// small, or with the name of a server.
    @Test func noOtherFileHoldsASentence() throws {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: Self.root)
        var read = 0
        for path in paths
        where path.hasSuffix(".swift") && !path.hasPrefix("Conversation/Texts/") && !path.hasPrefix("Backfill/") {
            let source = try String(contentsOfFile: Self.root + "/" + path, encoding: .utf8)
            read += 1
            var isLong = false
            for (number, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let code = line.trimmingPrefix { $0 == " " }
                guard !code.hasPrefix("//") else { continue }
                if code.hasSuffix("\"\"\"") || code.hasPrefix("\"\"\"") { isLong.toggle() }
                if isLong, code.contains(#/^[A-Z][a-z]+[ ,]/#), !isOfServers(code) {
                    Issue.record("\(path):\(number + 1) says \(code): texts stand in Conversation/Texts")
                }
                for match in code.matches(of: #/"([A-Z][a-z'’]*[ ,][^"]*)"/#)
                where !isOfServers(match.1) {
                    Issue.record("\(path):\(number + 1) says \"\(match.1)\": texts stand in Conversation/Texts")
                }
            }
        }
        #expect(read > 80, "the sources were not found")
    }

    private func isOfServers(_ text: Substring) -> Bool {
        ["Twilio", "Redis", "Postgres"].contains { text.hasPrefix($0) }
    }

    /// The rule above would see a text.
    @Test func aSentenceIsSeen() {
        #expect(#"return "Sorry, I did not understand that.""#.contains(#/"([A-Z][a-z'’]*[ ,][^"]*)"/#))
        #expect(!#""a ticket could not be fetched: it is asked for again""#.contains(#/"([A-Z][a-z'’]*[ ,][^"]*)"/#))
    }
}
