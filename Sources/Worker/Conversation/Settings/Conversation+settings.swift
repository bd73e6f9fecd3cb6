extension Conversation {
    /// SETTINGS and what changes them: understood in every state, and nothing else is changed by it.
    static func settings(_ command: SettingsCommand, _ state: State, _ turn: Turn) -> Transition {
        let current = turn.user.preferences
        let (deed, reply): (Effect?, SettingsReply) =
            switch command {
            case .show: (nil, .shown(current))
            // Nothing is published of what is so already.
            case .change(let change): (current.has(change) ? nil : .changePreference(change), .changed(change))
            case .unclear(.notifications): (nil, .notificationsQuestion)
            case .unclear(.language): (nil, .languageQuestion)
            case .unclear(.timeZone): (nil, .timeZoneQuestion)
            }
        let said = question(state, turn).map { Reply.after(.settings(reply), $0) } ?? .settings(reply)
        return Transition(state: state, effects: (deed.map { [$0] } ?? []) + [.reply(said)])
    }
}

extension Conversation.Preferences {
    /// Whether a preference is already as it is to be.
    func has(_ change: Conversation.PreferenceChange) -> Bool {
        switch change {
        case .notifications(let isOn): notificationsEnabled == isOn
        case .language(let language): self.language == language
        case .timeZone(let name): timeZone.name == name
        }
    }
}
