extension DateReader {
    /// A day with its month: 22/11, 22-11-2026, 2026-11-22, 22 Nov, 22nd of November 26, Nov 22.
    func explicit(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        guard !isInsideNumber(words, at: index) else { return nil }
        return separated(words, at: index, isAsked: isAsked) ?? dayMonth(words, at: index)
            ?? monthDay(words, at: index) ?? (isAsked ? spaced(words, at: index) : nil)
    }

    // MARK: - Numbers

    private func separated(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        guard let first = words[index].value, words[index].digits <= 4 else { return nil }
        let mark = words[index + 1].text
        guard ["/", "-", "."].contains(mark), isJoined(words, at: index + 1), let second = words[index + 2].value,
            isJoined(words, at: index + 2), words[index + 2].digits <= 2
        else { return nil }
        if words[index + 3].text == mark, isJoined(words, at: index + 3), let third = words[index + 4].value,
            isJoined(words, at: index + 4)
        {
            let date =
                words[index].digits == 4
                ? CivilDate(year: first, month: second, day: third)
                : year(third, digits: words[index + 4].digits).flatMap {
                    CivilDate(year: $0, month: second, day: first)
                }
            return Form(date: date, end: index + 5, certainty: .certain)
        }
        guard words[index].digits <= 2, !(mark == "/" && first == 24 && second == 7) else { return nil }
        let date = CivilDate(year: 2000, month: second, day: first) == nil ? nil : latest(day: first, month: second)
        switch mark {
        case "/": return Form(date: date, end: index + 3, certainty: date == nil ? .guessed : .certain)
        case "-" where date != nil: return Form(date: date, end: index + 3, certainty: .likely)
        default: return date != nil && isAsked ? Form(date: date, end: index + 3, certainty: .likely) : nil
        }
    }

    /// A mark or number stands close to what is before it; a slash may have room around it.
    private func isJoined(_ words: Words, at index: Int) -> Bool {
        words[index].isGlued || words[index].text == "/" || words[index - 1].text == "/"
    }

    /// 22 11 26, 221126: only when a date was asked for.
    private func spaced(_ words: Words, at index: Int) -> Form? {
        guard let first = words[index].value else { return nil }
        switch words[index].digits {
        case 8:
            let date =
                CivilDate(year: first % 10_000, month: first / 10_000 % 100, day: first / 1_000_000)
                ?? CivilDate(year: first / 10_000, month: first / 100 % 100, day: first % 100)
            return Form(date: date, end: index + 1, certainty: .guessed)
        case 6:
            let date = CivilDate(year: 2000 + first % 100, month: first / 100 % 100, day: first / 10_000)
            return Form(date: date, end: index + 1, certainty: .guessed)
        case 1, 2: break
        default: return nil
        }
        guard let month = words[index + 1].value, words[index + 1].digits <= 2, !words[index + 1].isGlued else {
            return nil
        }
        if let number = words[index + 2].value, let year = year(number, digits: words[index + 2].digits) {
            let date = CivilDate(year: year, month: month, day: first)
            return Form(date: date, end: index + 3, certainty: .guessed)
        }
        guard CivilDate(year: 2000, month: month, day: first) != nil else { return nil }
        return Form(date: latest(day: first, month: month), end: index + 2, certainty: .guessed)
    }

    // MARK: - Names of months

    private func dayMonth(_ words: Words, at index: Int) -> Form? {
        guard let day = ordinal(words, at: index) ?? plain(words, at: index) else { return nil }
        var next = day.end
        if words[next].text == "of" { next += 1 }
        let mark = words[next].text
        if ["-", "/", ".", ","].contains(mark) { next += 1 }
        guard let month = CalendarWords.months[words[next].text] else { return nil }
        next += 1
        if words[next].text == mark, words[next].isGlued, words[next + 1].value != nil { next += 1 }
        return form(day: day.value, month: month, words, yearAt: next)
    }

    private func monthDay(_ words: Words, at index: Int) -> Form? {
        guard let month = CalendarWords.months[words[index].text] else { return nil }
        var next = index + 1
        if ["the", "."].contains(words[next].text) { next += 1 }
        guard let day = ordinal(words, at: next) ?? plain(words, at: next) else { return nil }
        if day.end == next + 1, isCounted(words, at: next) { return nil }
        return form(day: day.value, month: month, words, yearAt: day.end)
    }

    private func form(day: Int, month: Int, _ words: Words, yearAt index: Int) -> Form? {
        var next = index
        if [",", "."].contains(words[next].text) { next += 1 }
        if let number = words[next].value, let year = year(number, digits: words[next].digits),
            words[next].digits == 4 || (abs(today.year - year) <= 20 && year <= today.year + 1),
            !isCounted(words, at: next)
        {
            let date = CivilDate(year: year, month: month, day: day)
            return Form(date: date, end: next + 1, certainty: .certain)
        }
        guard (1...31).contains(day) else { return nil }
        let date = CivilDate(year: 2000, month: month, day: day) == nil ? nil : latest(day: day, month: month)
        return Form(date: date, end: index, certainty: .certain)
    }

    /// The 22nd, without a month: the latest such day.
    func dayOnly(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        guard let day = ordinal(words, at: index), (1...31).contains(day.value) else { return nil }
        let isNamed = words[index - 1].text == "the" || words[index - 2].text == "the"
        let thing = words[day.end].text
        guard isAsked || (isNamed && words[index].kind == .number), !DateReader.counted.contains(thing) else {
            return nil
        }
        for back in 0..<12 {
            let months = today.year * 12 + today.month - 1 - back
            let date = CivilDate(year: months / 12, month: months % 12 + 1, day: day.value)
            if let date, date <= today { return Form(date: date, end: day.end, certainty: .likely) }
        }
        return nil
    }

    // MARK: - Parts

    private func year(_ number: Int, digits: Int) -> Int? {
        switch digits {
        case 2: 2000 + number
        case 4: (1900...2199).contains(number) ? number : nil
        default: nil
        }
    }

    private func plain(_ words: Words, at index: Int) -> (value: Int, end: Int)? {
        guard let value = words[index].value, words[index].digits <= 2 else { return nil }
        return (value, index + 1)
    }

    /// 22nd, 22 nd, twenty second.
    private func ordinal(_ words: Words, at index: Int) -> (value: Int, end: Int)? {
        if let value = words[index].value, words[index].digits <= 2 {
            guard ["st", "nd", "rd", "th"].contains(words[index + 1].text), words[index + 1].isGlued else {
                return nil
            }
            return (value, index + 2)
        }
        if let place = Self.ordinals.firstIndex(of: words[index].text) { return (place + 1, index + 1) }
        guard ["twenty", "thirty"].contains(words[index].text) else { return nil }
        let unit = words[index + 1].text == "-" ? index + 2 : index + 1
        guard let place = Self.ordinals.firstIndex(of: words[unit].text), place < 9 else { return nil }
        return ((words[index].text == "twenty" ? 20 : 30) + place + 1, unit + 1)
    }

    private static let ordinals = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
        "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
        "twentieth",
    ]

    /// What a number counts when it is no day and no year.
    private static let counted: Set<String> = [
        "min", "mins", "minute", "minutes", "m", "h", "hr", "hrs", "hour", "hours", "am", "pm", "p", "pence", "pounds",
        "quid", "pound", "late", "class", "train", "time", "coach", "carriage", "leg", "stop", "service", "oclock",
    ]

    /// Whether a number belongs to a time, an amount or a count: 14 in "14:30", 40 in "40 minutes".
    private func isCounted(_ words: Words, at index: Int) -> Bool {
        let next = words[index + 1]
        if Self.counted.contains(next.text) { return true }
        return [":", ".", "h", "/"].contains(next.text) && next.isGlued && words[index + 2].kind == .number
            && words[index + 2].isGlued
    }

    /// Whether a number is the tail of another: 30 in "14:30", 12 in "£12".
    private func isInsideNumber(_ words: Words, at index: Int) -> Bool {
        guard words[index].kind == .number else { return false }
        let before = words[index - 1]
        if before.text == "\u{A3}" { return true }
        return words[index].isGlued && [":", ".", "/", "-"].contains(before.text) && before.isGlued
            && words[index - 2].kind == .number
    }
}
