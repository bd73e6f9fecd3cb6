extension DateReader {
    private static let daysBack: [([String], Int)] = [
        (["the", "day", "before", "yesterday"], 2), (["day", "before", "yesterday"], 2),
        (["the", "other", "day"], Int.min), (["yesterday"], 1), (["yesterdays"], 1), (["yday"], 1), (["yest"], 1),
        (["yesterdy"], 1), (["yesteday"], 1), (["ysterday"], 1), (["last", "night"], 1), (["last", "evening"], 1),
        (["today"], 0), (["todays"], 0), (["tody"], 0), (["this", "morning"], 0),
        (["this", "afternoon"], 0), (["this", "evening"], 0), (["tonight"], 0), (["just", "now"], 0),
        (["day", "after", "tomorrow"], -2), (["tomorrow"], -1), (["tomorrows"], -1), (["tomorow"], -1), (["tmrw"], -1),
        (["tmr"], -1),
    ]

    /// today, yesterday, two days ago.
    func relative(_ words: Words, at index: Int) -> Form? {
        for (phrase, days) in Self.daysBack where words.matches(phrase, at: index) {
            guard days != Int.min else { return nil }
            return Form(date: today.adding(days: -days), end: index + phrase.count, certainty: .certain)
        }
        return ago(words, at: index)
    }

    private func ago(_ words: Words, at index: Int) -> Form? {
        var count: Int
        var next: Int
        if let length = words.length(ofAny: [["a", "couple", "of"], ["couple", "of"], ["a", "couple"]], at: index) {
            (count, next) = (2, index + length)
        } else if ["a", "an"].contains(words[index].text) {
            (count, next) = (1, index + 1)
        } else if let number = NumberWords.read(words, at: index) {
            (count, next) = (number.value, number.end)
        } else {
            return nil
        }
        switch words[next].text {
        case "day", "days": break
        case "week", "weeks": count = min(count, 10_000) * 7
        default: return nil
        }
        next += 1
        guard ["ago", "back"].contains(words[next].text) else { return nil }
        return Form(date: today.adding(days: -min(count, 100_000)), end: next + 1, certainty: .certain)
    }

    /// A weekday, alone or with the date it stands before.
    func named(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        if words.matches(["last", "week"], at: index) || words.matches(["next", "week"], at: index) {
            let name = words[index + 2].text == "on" ? index + 3 : index + 2
            guard let weekday = CalendarWords.weekdays[words[name].text] else { return nil }
            let weeks = words[index].text == "last" ? -1 : 1
            return Form(date: day(weekday, weeks: weeks), end: name + 1, certainty: .certain)
        }
        var name = index
        let before = words[index].text
        let hasWord = ["last", "this", "past", "next", "coming"].contains(before)
        if hasWord { name += 1 }
        guard let weekday = CalendarWords.weekdays[words[name].text] else { return nil }
        if !hasWord, let form = dated(weekday, words, after: name, isAsked: isAsked) { return form }
        guard !isVerb(words, at: name) else { return nil }
        for (phrase, weeks) in [(["of", "last", "week"], -1), (["last", "week"], -1), (["next", "week"], 1)]
        where words.matches(phrase, at: name + 1) {
            return Form(date: day(weekday, weeks: weeks), end: name + 1 + phrase.count, certainty: .certain)
        }
        var back = (today.weekday.index - weekday.index + 7) % 7
        if before == "next" || before == "coming" {
            return Form(date: today.adding(days: 7 - back), end: name + 1, certainty: .certain)
        }
        let isLast = before == "last" || before == "past" || words[name + 1].text == "last"
        if isLast, back == 0 { back = 7 }
        let end = words[name + 1].text == "last" ? name + 2 : name + 1
        return Form(
            date: today.adding(days: -back), end: end, certainty: isLast || back > 0 ? .certain : .likely)
    }

    /// `Sun 22 Nov 2026`: the date counts; a weekday that is not that day's makes it less sure.
    private func dated(
        _ weekday: CivilDate.Weekday, _ words: Words, after name: Int, isAsked: Bool
    ) -> Form? {
        var next = name + 1
        while [",", ".", "the", "-"].contains(words[next].text), next < name + 4 { next += 1 }
        guard words[next].kind != .mark,
            var form = explicit(words, at: next, isAsked: isAsked) ?? dayOnly(words, at: next, isAsked: isAsked)
        else { return nil }
        if let date = form.date, date.weekday != weekday { form.certainty = .likely }
        return form
    }

    /// "I sat on the train", "my wed ring": short names that are words of their own.
    private func isVerb(_ words: Words, at index: Int) -> Bool {
        words[index].text == "sat"
            && ["i", "we", "was", "were", "just", "been", "they", "it", "and", "being", "train"].contains(
                words[index - 1].text)
    }

    /// A weekday of the week, from Monday to Sunday, so many weeks from this one.
    private func day(_ weekday: CivilDate.Weekday, weeks: Int) -> CivilDate {
        today.adding(days: weekday.index - today.weekday.index + weeks * 7)
    }
}
