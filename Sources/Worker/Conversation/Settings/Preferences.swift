extension Conversation {
    /// How somebody wants to be dealt with, as `user_preferences` keeps it.
    package struct Preferences: Hashable, Sendable {
        /// Whether they want to be told, unasked, what became of a claim; answers come either way.
        package var notificationsEnabled: Bool
        package var language: Language
        package var timeZone: TimeZoneName

        package init(notificationsEnabled: Bool, language: Language, timeZone: TimeZoneName) {
            self.notificationsEnabled = notificationsEnabled
            self.language = language
            self.timeZone = timeZone
        }

        /// What holds for somebody who has chosen nothing: the defaults of the table.
        package static let standard = Preferences(
            notificationsEnabled: true, language: .english, timeZone: .london)
    }

    /// One preference, as it is to be from now on.
    package enum PreferenceChange: Hashable, Sendable {
        case notifications(Bool)
        case language(Language)
        /// A name of `TimeZoneName`'s list.
        case timeZone(String)
    }
}
