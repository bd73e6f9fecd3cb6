import TestSupport
import Testing

@testable import Operator

/// docs/operator.md against the commands that there are.
@Suite struct OperatorPageTests {
    private static let page = textOfFile(PythonProgram.root + "/docs/operator.md")

    @Test func everyCommandIsOnThePage() {
        for node in CommandTree.all where !node.isGroup {
            #expect(Self.page.contains(node.name), "docs/operator.md does not tell of \(node.name)")
        }
    }

    @Test func whatThePageSaysToTypeParses() {
        let codes = Self.page.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { $0.element.replacing("\\|", with: "|") }
        let lines = codes.flatMap { $0.split(separator: "\n").map(String.init) }.filter { $0.hasPrefix("operator ") }
        #expect(lines.count > 35)
        for line in lines where !line.contains("COMMAND") {
            #expect(problem(inOperatorLine: line) == nil, "\(line): \(problem(inOperatorLine: line) ?? "")")
        }
    }

    @Test func everyAreaOfTheDoctorIsOnThePage() {
        for area in DoctorArea.allCases { #expect(Self.page.contains("| \(area.rawValue) |"), "\(area)") }
    }
}
