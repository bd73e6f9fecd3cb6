extension Conversation {
    /// What is said of somebody's settings; the wording is in `Texts+settings`.
    package enum SettingsReply: Hashable, Sendable {
        /// Everything that is set, and how to change it.
        case shown(Preferences)
        /// This is set from now on, or was already.
        case changed(PreferenceChange)
        /// Which values there are.
        case notificationsQuestion, languageQuestion, timeZoneQuestion
    }
}
