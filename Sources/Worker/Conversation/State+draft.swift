extension Conversation.State {
    /// What was said of a journey and is not sent yet, wherever the conversation stands; nil when none was begun.
    package var draft: Conversation.ClaimDraft? {
        switch self {
        case .start, .optedOut: nil
        case .awaitingTerms(let draft), .awaitingPhone(let draft), .awaitingOTP(let draft), .menu(let draft): draft
        case .claiming(_, let draft): draft
        case .confirmingErasure(let state): state.draft
        }
    }
}
