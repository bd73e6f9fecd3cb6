/// Digits that are written together, or in groups with little between them: `07700 900123`, `123-456`, `+44 (0)7700`.
///
/// Digits of any script count (full-width ones, keycaps), and marks that cannot be seen are passed over.
struct DigitChain: Hashable {
    /// The groups, in ASCII digits.
    var groups: [String] = []
    var startsWithPlus = false
    /// Nothing but spaces stands between the groups.
    var hasOnlySpaces = true
    /// Where it stands in the text, from the plus or the first digit to the last.
    var range: Range<String.Index>?

    var digits: String { groups.joined() }

    /// The longest text that is read; WhatsApp carries 4,096 characters.
    private static let longestText = 5000
    /// The most marks between two groups of one chain, as in `+44 (0) 7700`.
    private static let widestGap = 3

    /// The chains of a text, in order.
    static func all(in text: String) -> [DigitChain] {
        var chains: [DigitChain] = []
        var current = DigitChain()
        var gap: [Unicode.Scalar] = []
        var plus: String.Index?
        func isOpen() -> Bool { !current.groups.isEmpty }
        func end(plusAt index: String.Index? = nil) {
            if isOpen() { chains.append(current) }
            current = DigitChain(startsWithPlus: index != nil)
            plus = index
            gap = []
        }
        let scalars = text.unicodeScalars
        for index in scalars.indices.prefix(longestText) {
            let scalar = scalars[index]
            if let digit = scalar.decimalDigit {
                if isOpen(), gap.isEmpty {
                    current.groups[current.groups.count - 1].append(digit)
                } else {
                    if isOpen(), !gap.allSatisfy(\.isSpace) { current.hasOnlySpaces = false }
                    current.groups.append(String(digit))
                    gap = []
                }
                current.range = (current.range?.lowerBound ?? plus ?? index)..<scalars.index(after: index)
            } else if scalar.isUnseen {
                continue
            } else if scalar == "+" || scalar == "\u{FF0B}" {
                end(plusAt: index)
            } else if scalar.joinsDigits {
                gap.append(scalar)
                if gap.count > widestGap { end() }
            } else {
                end()
            }
        }
        end()
        return chains
    }

    /// A text without what may be a one-time code or a phone number, so that neither is read as a time or a fare.
    static func withoutNumbersAndCodes(_ text: String) -> String {
        var scalars = text.unicodeScalars
        for chain in all(in: text).reversed() where chain.isCodeOrNumber {
            if let range = chain.range { scalars.replaceSubrange(range, with: "; ".unicodeScalars) }
        }
        return String(scalars)
    }

    /// Five digits in one are no time, no fare and no date either, whatever else they are.
    private var isCodeOrNumber: Bool {
        Conversation.code(self) != nil || Conversation.phoneNumber(digits, isInternational: startsWithPlus) != nil
            || groups.contains { $0.count >= 5 }
    }
}

extension Unicode.Scalar {
    /// The ASCII form of a decimal digit of any script.
    var decimalDigit: Character? {
        guard properties.numericType == .decimal, let value = properties.numericValue else { return nil }
        return Character(String(Int(value)))
    }

    /// A mark without width of its own: joiners, direction marks, accents, keycaps.
    var isUnseen: Bool {
        switch properties.generalCategory {
        case .format, .nonspacingMark, .enclosingMark: true
        default: false
        }
    }

    var isSpace: Bool { properties.generalCategory == .spaceSeparator || self == "\t" }

    fileprivate var joinsDigits: Bool {
        isSpace || properties.generalCategory == .dashPunctuation || "().,".unicodeScalars.contains(self)
    }
}
