/// What a few words ask for, in whatever form they are written.
enum Command: Hashable, Sendable {
    case yes, no, terms, resend, changeNumber, help, menu, restart, logout, stop, start
    case deleteMyData
    /// YES and what is meant by it, in one message: as good as YES where it was asked for, and never taken for YES elsewhere.
    case reallyDelete
    /// Words that ask for nothing: hello, thank you.
    case greeting

    /// Reads a whole message as a command: case, punctuation and polite words do not matter.
    init?(reading text: String) {
        let words = Command.words(of: text)
        guard !words.isEmpty else {
            guard text.unicodeScalars.prefix(10).contains("?") else { return nil }
            self = .help
            return
        }
        guard words.count <= Command.mostWords else { return nil }
        for asked in Command.withoutCourtesies(words) {
            if let command = Command.phrases[asked.joined(separator: " ")] {
                self = command
                return
            }
            if asked.isEmpty { self = .greeting; return }
        }
        return nil
    }

    /// The words, then the words without the first or last polite one, and so on, as long as there is one.
    static func withoutCourtesies(_ words: [String]) -> [ArraySlice<String>] {
        var forms = [words[...]]
        while let asked = forms.last {
            if let first = asked.first, Command.courtesies.contains(first) {
                forms.append(asked.dropFirst())
            } else if let last = asked.last, Command.courtesies.contains(last) {
                forms.append(asked.dropLast())
            } else {
                break
            }
        }
        return forms
    }

    /// A message of more words is a story, not a command.
    private static let mostWords = 10
    /// Enough for any command; the rest of a long message is not looked at.
    private static let longestText = 200

    /// The words in lower case, without punctuation and apostrophes; a thumb is a word.
    static func words(of text: String) -> [String] {
        var words: [String] = []
        var word = ""
        func end() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        for scalar in text.unicodeScalars.prefix(longestText) {
            let scalar = scalar.halfWidth
            if let sign = signs[scalar] {
                end()
                words.append(sign)
            } else if scalar.properties.isAlphabetic || scalar.decimalDigit != nil {
                word += scalar.properties.lowercaseMapping
            } else if scalar.isUnseen || apostrophes.contains(scalar) {
                continue
            } else {
                end()
            }
        }
        end()
        return words
    }

    private static let apostrophes: Set<Unicode.Scalar> = ["'", "\u{2018}", "\u{2019}", "\u{02BC}", "`", "\u{00B4}"]
    private static let signs: [Unicode.Scalar: String] = [
        "\u{1F44D}": "yes", "\u{2705}": "yes", "\u{2714}": "yes", "\u{1F44E}": "no", "\u{274C}": "no",
        "\u{1F44B}": "hello", "\u{1F64F}": "please",
    ]
}

extension Unicode.Scalar {
    /// The ASCII form of a full-width letter or mark, as some keyboards write it.
    fileprivate var halfWidth: Unicode.Scalar {
        guard (0xFF01...0xFF5E).contains(value) else { return self }
        return Unicode.Scalar(value - 0xFEE0) ?? self
    }
}
