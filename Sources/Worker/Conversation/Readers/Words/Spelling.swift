/// Puts typing errors right in the few words that dates, times and tickets are told by.
enum Spelling {
    /// The word meant by one that is near exactly one of these; the word itself when it is near none or several.
    ///
    /// Far from guessing: the first letter must be right, short words are left alone but for two letters swapped, and
    /// what is an English word of its own or stands in a station's name is never touched.
    static func corrected(_ word: String) -> String {
        let bytes = [UInt8](word.utf8)
        guard (4...12).contains(bytes.count), !known.contains(word), !CommonWords.all.contains(word),
            StationIndex.shared.word(bytes) == nil
        else { return word }
        let letters = EditDistance.letters(bytes)
        var found: String?
        for candidate in candidates where candidate.bytes.first == bytes.first {
            let limit = candidate.bytes.count < 6 ? 1 : candidate.bytes.count < 9 ? 1 : 2
            guard EditDistance.mayBeWithin(limit, letters, candidate.letters),
                let distance = bytes.withUnsafeBufferPointer({ left in
                    candidate.bytes.withUnsafeBufferPointer { EditDistance.within(limit, left, $0) }
                }),
                candidate.bytes.count >= 6 || isSwapped(bytes, candidate.bytes)
            else { continue }
            guard distance > 0, found == nil else { return word }
            found = candidate.word
        }
        return found ?? word
    }

    /// Whether two words have the same letters in another order.
    private static func isSwapped(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && left.sorted() == right.sorted()
    }

    private struct Candidate: Sendable {
        var word: String
        var bytes: [UInt8]
        var letters: UInt32
    }

    private static let words = [
        "yesterday", "today", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january",
        "february", "april", "august", "september", "october", "november", "december", "half", "past", "quarter",
        "midnight", "noon", "minutes", "cancelled", "standard", "first", "class", "advance", "anytime", "season",
        "single", "return", "photo", "picture", "pounds",
    ]
    /// What is right as it is, though it is near one of the words.
    private static let known: Set<String> = Set(words).union([
        "minute", "canceled", "cancel", "cancels", "advanced", "standing", "standby", "sundry", "minister",
        "pound", "quarters", "classic",
    ])
    private static let candidates = words.map { word in
        let bytes = [UInt8](word.utf8)
        return Candidate(word: word, bytes: bytes, letters: EditDistance.letters(bytes))
    }
}
