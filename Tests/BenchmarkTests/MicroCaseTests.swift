import MicroCases
import TestSupport
import Testing

@Suite struct MicroCaseTests {
    @Test(arguments: MicroCase.all.map(\.name))
    func everyCaseRuns(name: String) throws {
        try #require(MicroCase.all.first { $0.name == name }).run()
    }

    /// A case that was added or renamed is to be counted: `make instructions`.
    @Test func theTableHasEveryCaseAndNoOther() throws {
        let lines = textOfFile("Benchmarks/instructions.tsv").split(separator: "\n")
        #expect(lines.first == "case\tinstructions")
        let counted = lines.dropFirst().map { $0.split(separator: "\t") }
        #expect(counted.map { String($0[0]) } == MicroCase.all.map(\.name))
        #expect(counted.allSatisfy { $0.count == 2 && (Int($0[1]) ?? 0) > 0 })
    }
}
