import ArgumentParser
import TestSupport
import Testing

@testable import Operator

/// The help of every command: what there is of it, and that what it tells to type can be typed.
@Suite struct HelpTests {
    @Test func everyCommandSaysWhatItIsForWithExamplesThatParse() {
        let all = CommandTree.all
        #expect(all.count >= 35, "\(all.map(\.name))")
        for node in all {
            #expect(node.configuration.abstract.hasSuffix("."), "\(node.name)")
            #expect(!node.examples.isEmpty, "\(node.name) has no example")
            #expect(node.isGroup || node.examples.contains { $0.contains(node.name) }, "\(node.name)")
            for example in node.examples {
                #expect(problem(inOperatorLine: example) == nil, "\(example)")
            }
        }
    }

    @Test func everyGroupNamesItsVariables() {
        for node in CommandTree.all where node.isGroup {
            #expect(node.configuration.discussion.contains("ENVIRONMENT"), "\(node.name)")
        }
    }

    @Test func theRootTellsOfExitStatusAndEnvironment() async throws {
        let run = try await OperatorRun(["--help"])
        for part in ["EXIT STATUS", "  2  wrong arguments", "ENVIRONMENT", "SEE ALSO", "DATABASE_URL", "REDIS_URL"] {
            #expect(run.output.contains(part), "\(part)")
        }
    }

    @Test func wrongLinesAreFound() {
        #expect(problem(inOperatorLine: "operator queue stat") != nil)
        #expect(problem(inOperatorLine: "operator migrate down") != nil)
        #expect(problem(inOperatorLine: "queue stats") != nil)
        #expect(problem(inOperatorLine: "APP_ENV=test operator queue stats --json | jq .waiting") == nil)
        #expect(problem(inOperatorLine: "operator user export +447700900123 > export.json") == nil)
    }

    @Test func whateverHelpSaysToTypeElsewhereParsesToo() {
        for node in CommandTree.all {
            for line in node.configuration.discussion.split(separator: "\n") where line.contains("operator ") {
                // Prose names commands without their arguments; they must be there.
                for call in line.split(separator: "operator ").dropFirst() {
                    let words = call.split(separator: " ").map { $0.filter { $0.isLetter || $0 == "-" } }
                    guard let first = words.first, first.allSatisfy({ $0.isLowercase }) else { continue }
                    let known = OperatorCommand.configuration.subcommands.contains { $0._commandName == first }
                    #expect(known || ["of", "is", "has", "works"].contains(first), "\(node.name): operator \(first)")
                }
            }
        }
    }
}
