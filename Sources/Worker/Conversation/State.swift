extension Conversation {
    /// Where a conversation stands; what is stored of it is `StoredState`.
    ///
    /// Data lives in the state that needs it: a state that collects answers carries them as its associated values.
    package enum State: Hashable, Sendable {
        /// No session: the next message opens one, and is also processed.
        case start
        /// Asked to accept the terms.
        case awaitingTerms
        /// Asked for a mobile number: the sender is known only by a username.
        case awaitingPhone
        /// Asked for the one-time code.
        case awaitingOTP
        /// Registered, and nothing is being asked.
        case menu
        /// Registered, and making a claim; the answers so far travel along.
        case claiming(ClaimState, ClaimDraft)
        /// Said STOP: hears nothing until START.
        case optedOut
    }
}
