/// The half of the day that a time is in, as far as words say.
enum Daypart: Hashable, Sendable {
    case am, pm
    /// Late in the evening or after midnight.
    case night

    /// The hour on a 24-hour clock that an hour is in this part of the day.
    func hour(of hour: Int) -> Int {
        let half = hour % 12
        return switch self {
        case .am: half
        case .pm: half + 12
        case .night: half < 5 ? half : half + 12
        }
    }

    /// The part of the day that a word names, wherever it stands; "good morning" names none.
    init?(_ words: Words, at index: Int) {
        guard words[index - 1].text != "good" else { return nil }
        switch words[index].text {
        case "am", "morning", "mornings": self = .am
        case "pm", "afternoon", "evening", "tonight", "aft": self = .pm
        case "night": self = .night
        default: return nil
        }
    }

    /// What follows a time directly, and where it ends: "pm", "in the morning".
    static func following(_ words: Words, at index: Int) -> (Daypart, end: Int)? {
        switch words[index].text {
        case "am": return (.am, index + 1)
        case "pm": return (.pm, index + 1)
        case "at" where words[index + 1].text == "night": return (.night, index + 2)
        case "in" where words[index + 1].text == "the":
            return Daypart(words, at: index + 2).map { ($0, index + 3) }
        default: return nil
        }
    }
}
