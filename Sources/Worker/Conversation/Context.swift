extension Conversation {
    /// What the worker supplies, so that a transition is a function of its arguments alone.
    package struct Context: Hashable, Sendable {
        package var user: User
        /// What this message is when read as an answer to the user's challenge.
        package var codeCheck: CodeCheck
        /// Whether a code may be sent now, to `phoneCandidate(in:)` while a number is awaited, else to the user's number.
        ///
        /// The stricter of the number's and the user's allowance, so that changing the number is no way around it.
        package var codeAllowance: CodeAllowance
        /// Where the terms can be read.
        package var termsURL: String
        /// The version that is accepted by saying YES now.
        package var termsVersion: String
        /// How codes travel.
        package var codeChannel: CodeChannel
        /// What the making of claims needs to know; nil where no claims are taken.
        package var claiming: Claiming?

        package init(
            user: User, codeCheck: CodeCheck, codeAllowance: CodeAllowance, termsURL: String, termsVersion: String,
            codeChannel: CodeChannel, claiming: Claiming? = nil
        ) {
            self.user = user
            self.codeCheck = codeCheck
            self.codeAllowance = codeAllowance
            self.termsURL = termsURL
            self.termsVersion = termsVersion
            self.codeChannel = codeChannel
            self.claiming = claiming
        }
    }

    /// How a one-time code reaches the phone.
    package enum CodeChannel: Hashable, Sendable { case sms, whatsApp }
}
