/// Digits that are written together, or in groups with little between them: `07700 900123`, `123-456`, `+44 (0)7700`.
///
/// Digits of any script count (full-width ones, keycaps), and marks that cannot be seen are passed over.
struct DigitChain: Hashable {
    /// The groups, in ASCII digits.
    var groups: [String] = []
    var startsWithPlus = false
    /// Nothing but spaces stands between the groups.
    var hasOnlySpaces = true

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
        func isOpen() -> Bool { !current.groups.isEmpty }
        func end(nextStartsWithPlus: Bool = false) {
            if isOpen() { chains.append(current) }
            current = DigitChain(startsWithPlus: nextStartsWithPlus)
            gap = []
        }
        for scalar in text.unicodeScalars.prefix(longestText) {
            if let digit = scalar.decimalDigit {
                if isOpen(), gap.isEmpty {
                    current.groups[current.groups.count - 1].append(digit)
                } else {
                    if isOpen(), !gap.allSatisfy(\.isSpace) { current.hasOnlySpaces = false }
                    current.groups.append(String(digit))
                    gap = []
                }
            } else if scalar.isUnseen {
                continue
            } else if scalar == "+" || scalar == "\u{FF0B}" {
                end(nextStartsWithPlus: true)
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
