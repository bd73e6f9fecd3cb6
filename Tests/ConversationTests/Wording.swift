import Common

/// What no reply may look like.
enum Wording {
    private static let known = Locked<[String: [String]]>([:])

    /// What is wrong with a text; a text seen before is not read again.
    static func problems(_ text: String, claimsAreTaken: Bool = false) -> [String] {
        if claimsAreTaken { return read(text, unsaid: ["otp"]) }
        if let problems = known.withLock({ $0[text] }) { return problems }
        let problems = read(text, unsaid: unsaid)
        known.withLock { $0[text] = problems }
        return problems
    }

    /// Not said where no claims are taken.
    private static let unsaid: Set<String> = ["otp", "status", "claim", "claims", "journey", "journeys"]

    private static func read(_ text: String, unsaid: Set<String>) -> [String] {
        var problems: [String] = []
        if text.utf16.count > 1000 { problems.append("longer than 1,000 characters") }
        if text.isEmpty { problems.append("empty") }
        for placeholder in ["\\(", "Optional(", "nil", "%@", "%s", "{", "}", "  ", "\n\n\n"]
        where text.contains(placeholder) {
            problems.append("contains \(placeholder)")
        }
        let words = text.lowercased().split { !$0.isLetter }.map(String.init)
        for word in unsaid.sorted() where words.contains(word) {
            problems.append("mentions \(word)")
        }
        return problems
    }
}
