/// What is said of settings, and of the deletion of everything.
extension Texts {
    static func settings(_ reply: Conversation.SettingsReply) -> String {
        switch reply {
        case .shown(let preferences): shownSettings(preferences)
        case .changed(let change): settingChanged(change)
        case .notificationsQuestion:
            """
            Notifications tell you unasked what became of what you sent us. Reply NOTIFICATIONS ON or NOTIFICATIONS OFF.
            """
        case .languageQuestion:
            """
            Letters and e-mails to you can be in English or in Welsh. Reply LANGUAGE ENGLISH or LANGUAGE WELSH. This \
            chat is in English only.
            """
        case .timeZoneQuestion:
            """
            I know time zones by a big city in them. Reply TIME ZONE and such a city, for example TIME ZONE PARIS.
            """
        }
    }

    private static func shownSettings(_ preferences: Conversation.Preferences) -> String {
        let language =
            switch preferences.language {
            case .english: "English"
            case .welsh: "Welsh (letters and e-mails; this chat is in English only)"
            }
        return """
            Your settings:

            Notifications: \(preferences.notificationsEnabled ? "on" : "off")
            Language: \(language)
            Time zone: \(preferences.timeZone) (train times here are always UK time)

            To change them, reply NOTIFICATIONS \(preferences.notificationsEnabled ? "OFF" : "ON"), LANGUAGE \
            \(preferences.language == .english ? "WELSH" : "ENGLISH"), or TIME ZONE and a city, for example TIME ZONE \
            PARIS. DELETE MY DATA deletes all we hold about you.
            """
    }

    private static func settingChanged(_ change: Conversation.PreferenceChange) -> String {
        switch change {
        case .notifications(true): "Notifications are on: we tell you what becomes of what you sent us."
        case .notifications(false): "Notifications are off: we only answer when you write to us."
        case .language(.english): "Your language is English."
        case .language(.welsh):
            "Your language is Welsh: it is kept for letters and e-mails to you. This chat is in English only."
        case .timeZone(let name):
            """
            Your time zone is \(name): it is kept for those who write or call you. Train times here are always UK time.
            """
        }
    }

    static func erasureQuestion() -> String {
        """
        Do you really want us to delete all we hold about you: your number, your settings and everything you sent us? \
        It cannot be undone. Reply YES to delete it, or NO to keep it.
        """
    }

    static func erased() -> String {
        """
        Everything we held about you is deleted, and the services we had told of you are told so. If you write to us \
        again, you begin as someone new.
        """
    }

    static func helpOnErasure() -> String {
        "You asked us to delete all we hold about you. Nothing is deleted yet. \(erasureQuestion())"
    }
}
