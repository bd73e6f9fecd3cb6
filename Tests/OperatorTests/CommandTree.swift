import ArgumentParser

@testable import Operator

/// The operator's commands, as they are declared.
enum CommandTree {
    /// A command and the words that call it: `["operator", "queue", "stats"]`.
    struct Node {
        let words: [String]
        let type: any ParsableCommand.Type

        var configuration: CommandConfiguration { type.configuration }
        var isGroup: Bool { !configuration.subcommands.isEmpty }
        var name: String { words.joined(separator: " ") }

        /// The lines under EXAMPLES, up to the next heading.
        var examples: [String] {
            let lines = configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false)
            guard let start = lines.firstIndex(where: { $0 == "EXAMPLES" }) else { return [] }
            return lines[(start + 1)...].prefix { $0.isEmpty || $0.hasPrefix("  ") }.map { $0.drop { $0 == " " } }
                .filter { !$0.isEmpty }.map(String.init)
        }
    }

    /// All of them, the root first.
    static var all: [Node] { nodes(OperatorCommand.self, []) }

    private static func nodes(_ type: any ParsableCommand.Type, _ above: [String]) -> [Node] {
        let name = type.configuration.commandName ?? type._commandName
        let node = Node(words: above + [name], type: type)
        return [node] + type.configuration.subcommands.flatMap { nodes($0, node.words) }
    }
}

/// Why a line of a shell that calls `operator` would be refused; nil when its arguments are right.
///
/// What comes after the call (`| jq`, `> file`, `&& …`, a comment) does not count, nor do variables before it. `…` and
/// words in angle brackets stand for anything.
func problem(inOperatorLine line: String) -> String? {
    var words = shellWords(line)
    if let end = words.firstIndex(where: { ["|", ">", ">>", "&&", "||", ";", "#", "2>", "&"].contains($0) }) {
        words = Array(words[..<end])
    }
    let isCall = { (word: String) in word == "operator" || word.hasSuffix("/operator") && !word.contains("=") }
    guard let call = words.firstIndex(where: isCall) else {
        return "does not call operator"
    }
    let arguments = Array(words[(call + 1)...])
    if arguments.first == "help" || arguments.contains("--help") || arguments.contains("--version")
        || arguments.first == "--generate-completion-script"
    {
        return nil
    }
    do {
        _ = try OperatorCommand.parseAsRoot(arguments)
        return nil
    } catch {
        return OperatorCommand.message(for: error)
    }
}

/// Words as a shell divides them: quotes keep what is between them together.
private func shellWords(_ line: String) -> [String] {
    var words: [String] = []
    var (word, quote): (String?, Character?) = (nil, nil)
    for character in line {
        if character == quote {
            quote = nil
        } else if quote == nil, character == "'" || character == "\"" {
            (word, quote) = (word ?? "", character)
        } else if quote == nil, character == " " {
            if let done = word { words.append(done) }
            word = nil
        } else {
            word = (word ?? "") + String(character)
        }
    }
    return words + (word.map { [$0] } ?? [])
}
