/// A message, cut into words, numbers and marks.
///
/// Reads at most 5,000 Unicode scalars and 160 tokens: WhatsApp carries 4,096 characters, and what is not said in the
/// first hundred words is not a journey. A place behind the end reads as `Token.end`, so that readers may look ahead.
struct Words {
    private(set) var tokens: [Token] = []

    private static let longestText = 5000
    private static let mostTokens = 160
    private static let longestWord = 40

    var count: Int { tokens.count }

    subscript(index: Int) -> Token {
        index >= 0 && index < tokens.count ? tokens[index] : .end
    }

    init(_ text: String) {
        var token: Token?
        var wasSpace = true
        func end() {
            if let whole = token {
                append(whole)
                wasSpace = false
            }
            token = nil
        }
        var position = -1
        var isAddress = false
        for scalar in text.unicodeScalars.prefix(Words.longestText) {
            position += 1
            guard tokens.count < Words.mostTokens else { break }
            if scalar.isUnseen || Words.apostrophes.contains(scalar) { continue }
            if scalar.isSpace || scalar.properties.isWhitespace || scalar == "\0" {
                end()
                if scalar.isLineEnd { append(mark("\n", position, isGlued: false)) }
                wasSpace = true
                isAddress = false
                continue
            }
            if isAddress { continue }
            let (kind, plain) = scalar.plain
            if var open = token, kind != .mark, open.kind == kind, open.text.utf8.count < Words.longestWord {
                open.text += plain
                open.span = open.span.lowerBound..<position + 1
                if scalar.properties.isLowercase { open.isCapital = false }
                token = open
            } else {
                end()
                // https://example.com/leeds-to-york is no journey.
                isAddress = scalar == ":" && !wasSpace && ["http", "https"].contains(self[count - 1].text)
                token = Token(
                    kind: kind, text: plain, span: position..<position + 1, isGlued: !wasSpace,
                    isCapital: kind == .word && scalar.properties.isUppercase)
            }
        }
        if tokens.count < Words.mostTokens { end() }
    }

    /// Puts a token at the end, joining what belongs together: `->` is one arrow, `p.m.` is `pm`.
    private mutating func append(_ token: Token) {
        let last = self[count - 1]
        if token.text == ">", token.isGlued, ["-", "="].contains(last.text) {
            tokens[count - 1].text = ">"
            tokens[count - 1].span = last.span.lowerBound..<token.span.upperBound
        } else if token.text == "m", token.isGlued, last.text == ".", ["a", "p"].contains(self[count - 2].text) {
            tokens.removeLast()
            tokens[count - 1].text += "m"
            tokens[count - 1].span = tokens[count - 1].span.lowerBound..<token.span.upperBound
        } else {
            tokens.append(token)
        }
    }

    private func mark(_ text: String, _ position: Int, isGlued: Bool) -> Token {
        Token(kind: .mark, text: text, span: position..<position + 1, isGlued: isGlued)
    }

    private static let apostrophes: Set<Unicode.Scalar> = ["'", "\u{2018}", "\u{2019}", "\u{02BC}", "`", "\u{00B4}"]
}

extension Words {
    /// Whether these words stand at a place, one after the other.
    func matches(_ phrase: [String], at index: Int) -> Bool {
        var place = index
        for word in phrase {
            guard self[place].text == word else { return false }
            place += 1
        }
        return true
    }

    /// The number of tokens of the first phrase that stands at a place.
    func length(ofAny phrases: [[String]], at index: Int) -> Int? {
        // Nearly always it is none of them, which the first word tells.
        let first = self[index].text
        for phrase in phrases where phrase.first == first && matches(phrase, at: index) { return phrase.count }
        return nil
    }

    /// Where tokens stand in the message.
    func span(_ range: Range<Int>) -> Range<Int> {
        guard !range.isEmpty else { return 0..<0 }
        let lower = self[range.lowerBound].span.lowerBound
        return lower..<max(lower, self[range.upperBound - 1].span.upperBound)
    }
}

extension Unicode.Scalar {
    fileprivate var isLineEnd: Bool { self == "\n" || self == "\r" || self == "\u{2028}" || self == "\u{2029}" }

    /// What a scalar is part of, and how it is written there.
    fileprivate var plain: (Token.Kind, String) {
        if isASCII {
            if ("0"..."9").contains(self) { return (.number, String(self)) }
            if ("a"..."z").contains(self) { return (.word, String(self)) }
            if ("A"..."Z").contains(self) { return (.word, properties.lowercaseMapping) }
            return (.mark, String(self))
        }
        if let digit = decimalDigit { return (.number, String(digit)) }
        if let word = Unicode.Scalar.fractions[self] { return (.word, word) }
        if (0xFF01...0xFF5E).contains(value), let narrow = Unicode.Scalar(value - 0xFEE0) { return narrow.plain }
        if properties.generalCategory == .dashPunctuation || self == "\u{2212}" { return (.mark, "-") }
        if Unicode.Scalar.arrows.contains(self) { return (.mark, ">") }
        if self == "\u{FFE1}" || self == "\u{20A4}" { return (.mark, "\u{A3}") }
        if properties.isAlphabetic { return (.word, withoutAccent) }
        return (.mark, String(self))
    }

    /// The letter under an accent, from the letter's name: LATIN SMALL LETTER E WITH ACUTE is an e.
    private var withoutAccent: String {
        let lower = properties.lowercaseMapping
        guard let name = lower.unicodeScalars.first?.properties.name, name.hasPrefix("LATIN SMALL LETTER ") else {
            return lower
        }
        let letter = name.dropFirst("LATIN SMALL LETTER ".count).prefix { $0 != " " }
        return letter.utf8.count == 1 ? letter.lowercased() : lower
    }

    private static let fractions: [Unicode.Scalar: String] = [
        "\u{BD}": "half", "\u{BC}": "quarter", "\u{BE}": "threequarters",
    ]
    private static let arrows: Set<Unicode.Scalar> = [
        "\u{2192}", "\u{27A1}", "\u{279C}", "\u{2794}", "\u{21D2}", "\u{27F6}", "\u{1F86A}", "\u{00BB}",
    ]
}
