extension Conversation {
    /// The sender, as the database knows them when the message is handled.
    package struct User: Hashable, Sendable {
        /// There is no row of theirs yet: they have never written before.
        package var isNew: Bool
        /// The name they gave themselves on WhatsApp; anything may stand in it.
        package var displayName: String?
        /// E.164; nil while a sender known only by a username has not told us one.
        package var phoneNumber: String?
        /// WhatsApp showed us a username but no number, so that the number is one they typed, and can be changed.
        package var isKnownByUsernameOnly: Bool
        /// They proved, with a one-time code, that `phoneNumber` is theirs.
        package var isVerified: Bool
        /// They accepted the terms of the *current* version.
        package var termsAccepted: Bool
        /// They said STOP, or were opted out by other means.
        package var isOptedOut: Bool
        package var preferences: Preferences

        package init(
            isNew: Bool, displayName: String?, phoneNumber: String?, isKnownByUsernameOnly: Bool, isVerified: Bool,
            termsAccepted: Bool, isOptedOut: Bool, preferences: Preferences = .standard
        ) {
            self.isNew = isNew
            self.displayName = displayName
            self.phoneNumber = phoneNumber
            self.isKnownByUsernameOnly = isKnownByUsernameOnly
            self.isVerified = isVerified
            self.termsAccepted = termsAccepted
            self.isOptedOut = isOptedOut
            self.preferences = preferences
        }
    }
}
