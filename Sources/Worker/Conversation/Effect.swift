extension Conversation {
    /// Something the worker does, in the unit that stores the new state.
    package enum Effect: Hashable, Sendable {
        /// Make the row of a user who has never written before; publishes `user.registered`.
        case registerUser
        /// Store that the terms of this version were accepted, and when.
        case acceptTerms(version: String)
        /// Store the number (E.164) that the user typed, unproven; always followed by `issueCode`.
        ///
        /// A number that another user has proven must look no different from any other here.
        case setPhone(String)
        /// Make a code that replaces the one before, store its MAC, and send `Texts.codeMessage(code:)` to the phone.
        case issueCode
        /// Count a wrong try against the challenge and the number.
        case recordWrongCode
        /// The code was right: use it up, mark the user as verified; publishes `user.verified`.
        case consumeCode
        /// Store the opt-out; publishes `user.opted_out`.
        case optOut
        /// Take the opt-out back; publishes `user.opted_in`.
        case optIn
        /// Store the claim that was confirmed; publishes `journey.created`.
        case submitClaim(Claim)
        /// Take back a claim of the user that is not decided; publishes `claim.withdrawn`.
        case withdrawClaim(reference: String)
        /// Keep a preference from now on; publishes `preferences.changed`.
        case changePreference(PreferenceChange)
        /// Delete every trace of them, once the reply to this message has gone; publishes `user.deleted`.
        case eraseUser
        /// Say this, at most once an input.
        case reply(Reply)
    }
}
