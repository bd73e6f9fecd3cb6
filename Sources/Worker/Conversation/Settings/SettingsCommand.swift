/// What a few words ask of somebody's settings; understood in every state.
enum SettingsCommand: Hashable, Sendable {
    /// Show what is set.
    case show
    case change(Conversation.PreferenceChange)
    /// A setting was named, but not what it is to be, or something it cannot be.
    case unclear(Setting)

    /// What can be set.
    enum Setting: Hashable, Sendable, CaseIterable { case notifications, language, timeZone }

    /// Reads a whole message as a command: case, punctuation and polite words do not matter.
    init?(reading text: String) {
        let words = Command.words(of: text)
        guard (1...Self.mostWords).contains(words.count) else { return nil }
        var unclear: SettingsCommand?
        for asked in Command.withoutCourtesies(words) {
            switch Self.phrases[asked.joined(separator: " ")] ?? Self.valued(asked) {
            case nil: continue
            // "Language Welsh please" is clear without the last word.
            case .unclear(let setting): unclear = .unclear(setting)
            case let command?:
                self = command
                return
            }
        }
        guard let unclear else { return nil }
        self = unclear
    }

    private static let mostWords = 10

    /// Reads `LANGUAGE x` and `TIME ZONE x`, with words before it such as "set my".
    private static func valued(_ words: ArraySlice<String>) -> SettingsCommand? {
        var words = words.drop { openings.contains($0) }
        let setting: Setting
        switch words.first {
        case "language", "lang": (setting, words) = (.language, words.dropFirst())
        case "timezone": (setting, words) = (.timeZone, words.dropFirst())
        case "time" where words.dropFirst().first == "zone": (setting, words) = (.timeZone, words.dropFirst(2))
        default: return nil
        }
        words = words.drop { links.contains($0) }
        let value = words.joined(separator: " ")
        switch setting {
        case .language: return languages[value].map { .change(.language($0)) } ?? .unclear(.language)
        case .timeZone:
            return Conversation.TimeZoneName(reading: value).map { .change(.timeZone($0.name)) } ?? .unclear(.timeZone)
        case .notifications: return nil
        }
    }

    private static let openings: Set<String> = ["set", "change", "switch", "use", "make", "my", "the"]
    private static let links: Set<String> = ["to", "is", "in", "as", "city", "of"]

    private static let languages: [String: Conversation.Language] = [
        "english": .english, "en": .english, "en gb": .english, "british english": .english, "saesneg": .english,
        "welsh": .welsh, "cy": .welsh, "cy gb": .welsh, "cymraeg": .welsh, "yn gymraeg": .welsh,
    ]

    private static let phrases: [String: SettingsCommand] = {
        var table: [String: SettingsCommand] = [:]
        for (command, phrases) in synonyms { for phrase in phrases { table[phrase] = command } }
        return table
    }()

    static let synonyms: [(SettingsCommand, [String])] = [
        (
            .show,
            [
                "settings", "setting", "my settings", "show settings", "show my settings", "change settings",
                "change my settings", "preferences", "my preferences", "change preferences", "change my preferences",
                "configure", "configuration", "my account", "account", "profile", "my profile",
            ]
        ),
        (
            .change(.notifications(false)),
            [
                "notifications off", "notification off", "turn off notifications", "turn notifications off",
                "turn off my notifications", "switch off notifications", "switch notifications off", "mute",
                "mute notifications", "mute me", "no notifications", "no more notifications", "stop notifications",
                "disable notifications", "do not notify me", "dont notify me", "alerts off", "turn off alerts",
            ]
        ),
        (
            .change(.notifications(true)),
            [
                "notifications on", "notification on", "turn on notifications", "turn notifications on",
                "turn on my notifications", "switch on notifications", "switch notifications on", "unmute",
                "unmute notifications", "unmute me", "enable notifications", "notify me", "start notifications",
                "alerts on", "turn on alerts",
            ]
        ),
        (.unclear(.notifications), ["notifications", "notification", "my notifications", "change notifications"]),
        (.change(.language(.english)), ["english", "in english", "english please", "speak english", "saesneg"]),
        (.change(.language(.welsh)), ["welsh", "in welsh", "cymraeg", "yn gymraeg", "speak welsh"]),
    ]
}
