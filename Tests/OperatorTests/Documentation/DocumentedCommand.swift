import ArgumentParser
import Foundation

@testable import Operator

/// A command line as a page shows it: `operator dead show --sid …`.
struct DocumentedCommand {
    /// Without `operator`, and without what a shell would do with the output.
    let words: [String]

    /// Takes a line that begins with `operator`, by itself or with its folder; nil for any other.
    init?(_ line: String) {
        var words = line.split(separator: " ").map { $0.trimmingCharacters(in: ["'", "\""]) }
        while let first = words.first, first.contains("="), !first.hasPrefix("-") { words.removeFirst() }
        guard let name = words.first, name == "operator" || name.hasSuffix("/operator") else { return nil }
        words.removeFirst()
        if let end = words.firstIndex(where: { ["|", "\\|", ">", ">>", "&&", ";", "#", "2>&1", "\\"].contains($0) }) {
            words.removeSubrange(end...)
        }
        self.words = words.map(Self.filledIn)
    }

    /// What is wrong with it; nil when it would run.
    ///
    /// A command named without options is a mention of it, and has to exist.
    var complaint: String? {
        let path = words.prefix { !$0.hasPrefix("-") }
        if path.count == words.count, Self.exists(Array(path)) { return nil }
        do {
            _ = try OperatorCommand.parseAsRoot(words)
            return nil
        } catch {
            if OperatorCommand.exitCode(for: error).isSuccess { return nil }
            return OperatorCommand.message(for: error)
        }
    }

    /// Something of the kind that a place holder stands for.
    private static func filledIn(_ word: String) -> String {
        if word == "…" || word == "..." || word.hasPrefix("SM…") { return "SM" + String(repeating: "0", count: 32) }
        if word.uppercased() == word, word.allSatisfy({ $0.isLetter || $0 == "_" }), !word.isEmpty {
            return placeholders[word] ?? word
        }
        if word.hasPrefix("<"), word.hasSuffix(">") { return placeholders[String(word.dropFirst().dropLast())] ?? word }
        return word
    }

    private static let placeholders = [
        "number": "+447700900123", "NUMBER": "+447700900123", "user": "8b0c8f0e-1111-4111-8111-000000000001",
        "SID": "SM" + String(repeating: "0", count: 32), "ID": "8b0c8f0e-1111-4111-8111-000000000001",
        "NAME": "webhook", "TIME": "2h", "id": "8b0c8f0e-1111-4111-8111-000000000001",
    ]

    private static func exists(_ path: [String]) -> Bool {
        var command: any ParsableCommand.Type = OperatorCommand.self
        for name in path {
            guard let next = command.configuration.subcommands.first(where: { $0._commandName == name }) else {
                return name == "help"
            }
            command = next
        }
        return true
    }
}
