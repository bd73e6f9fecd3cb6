/// The short name of a claim, `DR-7K3M9Q`: easy to read out and to type.
package enum ClaimReference {
    package static let prefix = "DR-"
    /// How many characters follow the prefix.
    package static let length = 6
    /// No vowels, which make words, and of characters that look alike none: 0O, 1IL, 2Z, 5S, 8B, UV.
    package static let alphabet = Array("34679CDFGHJKMNPQRTWXY")

    /// A new one; 86 million are possible, so that the database has to say whether it is taken.
    package static func random(using generator: inout some RandomNumberGenerator) -> String {
        prefix + String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
    }

    /// The first reference in a text, as it is stored: `dr 7k3m9q` and `7K3M9Q` are one too.
    package static func find(in text: String) -> String? {
        let words = text.uppercased().prefix(longestText)
            .split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        for (index, word) in words.enumerated() {
            if word == "DR", index + 1 < words.count, isBody(words[index + 1]) { return prefix + words[index + 1] }
            if word.hasPrefix("DR"), isBody(word.dropFirst(2)) { return prefix + word.dropFirst(2) }
            // "rhythm" is none.
            if isBody(word), word.contains(where: \.isNumber) { return prefix + word }
        }
        return nil
    }

    private static let longestText = 200

    private static func isBody(_ text: Substring) -> Bool {
        text.count == length && text.allSatisfy(alphabet.contains)
    }
}
