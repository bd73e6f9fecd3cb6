/// Reads the day of a journey, day first, as people in Britain write it.
///
/// A date without a year means the latest such day that is not in the future; a weekday means the latest one up to
/// today, "last tuesday" the latest one before today.
package struct DateReader: Sendable {
    /// The day in London when the message came.
    package var today: CivilDate
    /// How many days back a journey may lie (`CLAIM_WINDOW_DAYS`).
    package var windowDays: Int

    package init(today: CivilDate, windowDays: Int) {
        self.today = today
        self.windowDays = windowDays
    }

    package enum Refusal: Hashable, Sendable {
        case unreadable
        /// The day has not come yet.
        case future(CivilDate)
        /// The day is further back than claims are taken for.
        case tooOld(CivilDate)
    }

    /// Reads the answer to the question for the date; `unreadable` when there is none in it.
    package func read(_ text: String) -> Reading<CivilDate, Refusal> {
        matches(in: Words(text), isAsked: true).best()?.reading ?? .refused(.unreadable)
    }

    /// Every date in a message; those that are dates only if one was asked for, when it was.
    func matches(in words: Words, isAsked: Bool) -> [Match<CivilDate, Refusal>] {
        var matches: [Match<CivilDate, Refusal>] = []
        var index = 0
        while index < words.count {
            if let form = form(words, at: index, isAsked: isAsked) {
                matches.append(
                    Match(reading: judged(form.date), certainty: form.certainty, tokens: index..<form.end))
                index = max(form.end, index + 1)
            } else {
                index += 1
            }
        }
        return matches
    }

    /// A date as written; nil for a day that no calendar has.
    struct Form {
        var date: CivilDate?
        var end: Int
        var certainty: Certainty
    }

    private func form(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        relative(words, at: index) ?? named(words, at: index, isAsked: isAsked)
            ?? explicit(words, at: index, isAsked: isAsked) ?? dayOnly(words, at: index, isAsked: isAsked)
    }

    /// What a date means here and now.
    private func judged(_ date: CivilDate?) -> Reading<CivilDate, Refusal> {
        guard let date else { return .refused(.unreadable) }
        if date > today { return .refused(.future(date)) }
        if date < today.adding(days: -windowDays) { return .refused(.tooOld(date)) }
        return .value(date)
    }

    /// The latest day of this number and month that is not in the future; nil when no year has it.
    func latest(day: Int, month: Int) -> CivilDate? {
        // 29 February may be eight years back, around 1900 and 2100.
        for year in stride(from: today.year, through: max(1, today.year - 8), by: -1) {
            if let date = CivilDate(year: year, month: month, day: day), date <= today { return date }
        }
        return nil
    }
}
