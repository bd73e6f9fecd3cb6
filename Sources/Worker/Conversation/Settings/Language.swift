extension Conversation {
    /// The language of letters and e-mails, by its tag (BCP 47); the chat itself speaks English.
    package enum Language: String, Hashable, Sendable, CaseIterable {
        case english = "en-GB"
        case welsh = "cy-GB"
    }
}
