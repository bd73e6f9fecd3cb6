extension Conversation {
    /// Where a conversation stands; what is stored of it is `StoredState`.
    ///
    /// Data lives in the state that needs it: a state that collects answers carries them as its associated values.
    package enum State: Hashable, Sendable {
        /// No session: the next message opens one, and is also processed.
        case start
        /// Asked to accept the terms; what was already said of a journey is taken up once they are registered.
        case awaitingTerms(ClaimDraft? = nil)
        /// Asked for a mobile number: the sender is known only by a username.
        case awaitingPhone(ClaimDraft? = nil)
        /// Asked for the one-time code.
        case awaitingOTP(ClaimDraft? = nil)
        /// Registered, and nothing is being asked; a claim that MENU interrupted is kept, to be gone on with.
        case menu(ClaimDraft? = nil)
        /// Registered, and making a claim; the answers so far travel along.
        case claiming(ClaimState, ClaimDraft)
        /// Asked whether everything is really to be deleted; any other answer leads back to where they were.
        indirect case confirmingErasure(from: State)
        /// Said STOP: hears nothing until START.
        case optedOut
    }
}
