/// Looks through the text of a script as far as is needed to tell statements from what is quoted.
enum SQLScript {
    private static let quote = UInt8(ascii: "'")
    private static let newline = UInt8(ascii: "\n")

    /// The first statement that would begin or end a transaction, with its line: `COMMIT on line 3`.
    ///
    /// A migration runs in the runner's transaction, which such a word would end before the version is recorded.
    static func firstTransactionControl(in script: String) -> String? {
        let words: Set<String> = ["BEGIN", "START", "COMMIT", "ROLLBACK", "ABORT"]
        return firstWords(of: script).first { words.contains($0.word) }.map { "\($0.word) on line \($0.line)" }
    }

    /// The first word of each statement, in capitals, and the line it stands on.
    static func firstWords(of script: String) -> [(word: String, line: Int)] {
        var scanner = Scanner(Array(script.utf8))
        var found: [(word: String, line: Int)] = []
        var isAtStart = true
        while let byte = scanner.current {
            if scanner.skipQuotedOrComment() {
                continue
            } else if byte == UInt8(ascii: ";") {
                isAtStart = true
            } else if scanner.isLetter(byte) {
                let line = scanner.line
                let word = scanner.takeWord()
                if isAtStart { found.append((word.uppercased(), line)) }
                isAtStart = false
                continue
            }
            scanner.advance()
        }
        return found
    }

    private struct Scanner {
        private let bytes: [UInt8]
        private var index = 0
        private(set) var line = 1

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var current: UInt8? { index < bytes.count ? bytes[index] : nil }

        mutating func advance() {
            if current == SQLScript.newline { line += 1 }
            index += 1
        }

        func isLetter(_ byte: UInt8) -> Bool {
            (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_") || byte >= 128
        }

        private func isWordByte(_ byte: UInt8) -> Bool {
            isLetter(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "$")
        }

        /// A word; an `E''` string directly after its prefix is skipped with it.
        mutating func takeWord() -> String {
            let start = index
            while let byte = current, isWordByte(byte) { advance() }
            let word = String(decoding: bytes[start..<index], as: UTF8.self)
            if current == SQLScript.quote, word == "e" || word == "E" { skipString(escapes: true) }
            return word
        }

        private func starts(with text: StaticString) -> Bool {
            text.withUTF8Buffer { bytes[index...].starts(with: $0) }
        }

        /// Skips one comment, string, quoted name or dollar-quoted text; false when none begins here.
        mutating func skipQuotedOrComment() -> Bool {
            if starts(with: "--") {
                while let byte = current, byte != SQLScript.newline { advance() }
            } else if starts(with: "/*") {
                skipBlockComment()
            } else if current == SQLScript.quote {
                skipString(escapes: false)
            } else if current == UInt8(ascii: "\"") {
                advance()
                while let byte = current, byte != UInt8(ascii: "\"") { advance() }
                advance()
            } else if current == UInt8(ascii: "$") {
                return skipDollarQuoted()
            } else {
                return false
            }
            return true
        }

        private mutating func skipBlockComment() {
            var depth = 0
            repeat {
                if starts(with: "/*") {
                    depth += 1
                    advance()
                } else if starts(with: "*/") {
                    depth -= 1
                    advance()
                }
                advance()
            } while depth > 0 && current != nil
        }

        /// A doubled quote ends one string and begins the next, which comes to the same.
        private mutating func skipString(escapes: Bool) {
            advance()
            while let byte = current, byte != SQLScript.quote {
                if escapes, byte == UInt8(ascii: "\\") { advance() }
                advance()
            }
            advance()
        }

        private mutating func skipDollarQuoted() -> Bool {
            var end = index + 1
            while end < bytes.count, isWordByte(bytes[end]), bytes[end] != UInt8(ascii: "$") { end += 1 }
            guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return false }
            let tag = bytes[index...end]
            for _ in tag { advance() }
            while current != nil, !bytes[index...].starts(with: tag) { advance() }
            for _ in tag { advance() }
            return true
        }
    }
}
