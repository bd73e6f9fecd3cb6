/// Cuts a long text into the messages that carry it.
///
/// A part has at most 1,000 characters, as people read them, and at most the 1,600 UTF-16 units that Twilio takes
/// (https://www.twilio.com/docs/api/errors/21617). It is cut after the last line that fits, else after a sentence,
/// else after a word; the white space at a cut is dropped, nothing else. Web addresses and the place of a one-time code
/// stay whole, and so does what a person sees as one character.
enum ReplySplitter {
    static let longestPart = 1000
    static let longestMessage = 1600

    /// The parts, in order, none of them empty; a text that fits is its own only part.
    static func parts(of text: String) -> [String] {
        // Most fit, which their bytes show without a look at every character.
        if text.utf8.count <= longestPart { return text.isEmpty ? [] : [text] }
        if text.utf16.count <= longestMessage, text.count <= longestPart { return text.isEmpty ? [] : [text] }
        let letters = Letters(text)
        var parts: [String] = []
        var start = letters.skipSpace(from: 0)
        while start < letters.count {
            let cut = letters.cut(from: start)
            let part = String(letters.characters[start..<letters.dropSpace(before: cut, after: start)])
            parts += part.utf16.count <= longestMessage ? [part] : scalars(of: part)
            start = letters.skipSpace(from: cut)
        }
        return parts
    }

    /// One character beyond what a message holds: hundreds of accents on one letter, which nobody can read anyway.
    private static func scalars(of text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        for scalar in text.unicodeScalars {
            if part.utf16.count + UTF16.width(scalar) > longestMessage {
                parts.append(part)
                part = ""
            }
            part.unicodeScalars.append(scalar)
        }
        return parts + [part]
    }

    /// A text's characters, and where it can be cut.
    private struct Letters {
        let characters: [Character]
        /// UTF-16 units before each character, and of all.
        private var units: [Int] = [0]
        /// Whether there can be no cut before the character.
        private var isGlued: [Bool]

        var count: Int { characters.count }

        init(_ text: String) {
            characters = Array(text)
            isGlued = Array(repeating: false, count: characters.count)
            units.reserveCapacity(characters.count + 1)
            for character in characters { units.append(units[units.count - 1] + character.utf16.count) }
            glue(OutboundReply.codePlaceholder)
            for word in words() where isAddress(word) {
                for index in word.dropFirst() { isGlued[index] = true }
            }
        }

        private func words() -> [Range<Int>] {
            var words: [Range<Int>] = []
            var start: Int?
            for index in characters.indices {
                if characters[index].isWhitespace {
                    if let start { words.append(start..<index) }
                    start = nil
                } else if start == nil {
                    start = index
                }
            }
            if let start { words.append(start..<count) }
            return words
        }

        private func isAddress(_ word: Range<Int>) -> Bool {
            let text = String(characters[word])
            return text.contains("://") || text.hasPrefix("www.")
        }

        private mutating func glue(_ text: String) {
            let sought = Array(text)
            guard count >= sought.count else { return }
            var index = 0
            while index + sought.count <= count {
                if characters[index..<index + sought.count].elementsEqual(sought) {
                    for glued in index + 1..<index + sought.count { isGlued[glued] = true }
                    index += sought.count
                } else {
                    index += 1
                }
            }
        }

        func skipSpace(from index: Int) -> Int {
            characters[index...].firstIndex { !$0.isWhitespace } ?? count
        }

        func dropSpace(before cut: Int, after start: Int) -> Int {
            characters[start..<cut].lastIndex { !$0.isWhitespace }.map { $0 + 1 } ?? cut
        }

        /// Where the part that begins at `start` ends.
        func cut(from start: Int) -> Int {
            var limit = start
            while limit < count, limit - start < longestPart, units[limit + 1] - units[start] <= longestMessage {
                limit += 1
            }
            if limit == count || limit == start { return min(max(limit, start + 1), count) }
            let cuts = (start + 1)...limit
            // A part should not be a crumb because the next line is long.
            let least = start + longestPart / 4
            if let line = cuts.last(where: { $0 > least && isLineEnd($0) }) { return line }
            if let sentence = cuts.last(where: { $0 > least && isSentenceEnd($0) }) { return sentence }
            if let word = cuts.last(where: { isWordEnd($0) }) { return word }
            if let letter = cuts.last(where: { !isGlued[$0] }) { return letter }
            // An address of its own message, if it can be one at all.
            let end = ((start + 1)..<count).first { !isGlued[$0] } ?? count
            return units[end] - units[start] <= longestMessage ? end : limit
        }

        private func isLineEnd(_ cut: Int) -> Bool { characters[cut].isNewline }

        private func isSentenceEnd(_ cut: Int) -> Bool {
            characters[cut].isWhitespace && [".", "!", "?", "…"].contains(characters[cut - 1])
        }

        private func isWordEnd(_ cut: Int) -> Bool { characters[cut].isWhitespace }
    }
}
