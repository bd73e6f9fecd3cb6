extension TimeReader {
    private static let hourWords: Set<String> = ["hrs", "hr", "h", "hours"]
    /// Words that stand before the time of a train, and after it.
    private static let before: Set<String> = [
        "the", "at", "@", "about", "around", "time", "departing", "departed", "dep", "departure", "leaving", "left",
    ]
    private static let after: Set<String> = ["from", "to", "train", "service", "departure", "towards"]
    /// What a number counts when it is no time.
    private static let counted: Set<String> = [
        "min", "mins", "minute", "minutes", "m", "late", "p", "pence", "pounds", "pound", "quid", "st", "nd", "rd",
        "th", "day",
        "days", "week", "weeks", "percent", "%", "people", "times", "of", "trains", "stops", "tickets", "gbp", "and",
    ]

    /// noon, midnight, 12 noon.
    func named(_ words: Words, at index: Int) -> Form? {
        let name = words[index].text == "12" || words[index].text == "twelve" ? index + 1 : index
        return switch words[name].text {
        case "noon", "midday": Form(hour: 12, minute: 0, end: name + 1, certainty: .certain)
        case "midnight": Form(hour: 0, minute: 0, end: name + 1, certainty: .certain)
        default: nil
        }
    }

    /// half past two, half two, quarter to 9, twenty five to four, 5 past midnight.
    func past(_ words: Words, at index: Int) -> Form? {
        var minutes: Int
        var next = index
        if words[index].text == "a", words[index + 1].text == "quarter" { next += 1 }
        let isHalf = words[next].text == "half"
        if isHalf {
            (minutes, next) = (30, next + 1)
        } else if words[next].text == "quarter" {
            (minutes, next) = (15, next + 1)
        } else if let number = NumberWords.read(words, at: next), (1...59).contains(number.value) {
            (minutes, next) = (number.value, number.end)
            if ["min", "mins", "minutes", "minute"].contains(words[next].text) { next += 1 }
        } else {
            return nil
        }
        var isBefore = false
        switch words[next].text {
        case "past", "after": next += 1
        case "to", "till", "til", "before":
            isBefore = true
            next += 1
        default: guard isHalf else { return nil }
        }
        guard let hour = hour(words, at: next) else { return nil }
        let total = hour.value * 60 + (isBefore ? -minutes : minutes)
        let isNamed = hour.isNamed
        var form = Form(
            hour: (total + 1440) / 60 % 24, minute: (total + 1440) % 60,
            isAmbiguous: !isNamed && hour.value <= 12, end: hour.end, certainty: .certain)
        if !isNamed, hour.value <= 12, form.hour == 0 { form.hour = 12 }
        if !isNamed { finish(&form, words) }
        return form
    }

    /// The hour after "past" and "to", on a 12-hour or 24-hour clock.
    private func hour(_ words: Words, at index: Int) -> (value: Int, end: Int, isNamed: Bool)? {
        if let named = named(words, at: index) { return (named.hour, named.end, true) }
        guard let number = NumberWords.read(words, at: index), (1...23).contains(number.value),
            words[index].digits <= 2, !Self.counted.contains(words[number.end].text),
            !Self.hourWords.contains(words[number.end].text),
            !([":", "."].contains(words[number.end].text) && words[number.end + 1].isGlued)
        else { return nil }
        return (number.value, number.end, false)
    }

    /// 14:30, 14.30, 1430, 2:30pm, 230pm.
    func clock(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        guard let number = words[index].value, words[index].isGlued == false || words[index - 1].kind == .mark else {
            return nil
        }
        let digits = words[index].digits
        var form: Form
        let mark = words[index + 1]
        if digits <= 2, [":", ".", ";", "h"].contains(mark.text), mark.isGlued, words[index + 2].digits == 2,
            words[index + 2].isGlued, let minute = words[index + 2].value
        {
            form = Form(hour: number, minute: minute, end: index + 3, certainty: .certain)
            if mark.text == "h", !isAsked || number < 5 { return nil }
            if words[form.end].text == ":", words[form.end + 1].digits == 2 { form.end += 2 }
            if mark.text != ":" { form.certainty = usual(words, index, form.end, isAsked) }
            if mark.text == ".", words[form.end].text == "." || words[form.end].text == "/" { return nil }
        } else if digits == 4 || digits == 3 {
            form = Form(hour: number / 100, minute: number % 100, end: index + 1, certainty: .certain)
            form.certainty = usual(words, index, form.end, isAsked)
            if mark.isGlued, ["/", "-", "."].contains(mark.text), words[index + 2].kind == .number { return nil }
        } else if isAsked, digits == 2, words[index + 1].digits == 2, let minute = words[index + 1].value {
            form = Form(hour: number, minute: minute, end: index + 2, certainty: .guessed)
        } else {
            return nil
        }
        form.isAmbiguous = number / (digits > 2 ? 100 : 1) < 10 && number > 0 && words[index].text.first != "0"
        let isSure = finish(&form, words)
        let isTime = (0...23).contains(form.hour) && (0...59).contains(form.minute)
        if mark.text != ":" || !mark.isGlued {
            guard isSure || !Self.counted.contains(words[form.end].text) else { return nil }
            guard isTime || isAsked || isSure else { return nil }
            if digits == 3, !isSure, !isAsked, form.certainty == .guessed { return nil }
        }
        return form
    }

    /// 2pm, 2 o'clock, at 8; a bare hour only when a time was asked for.
    func wholeHour(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        guard let number = NumberWords.read(words, at: index), words[index].digits <= 2,
            words[index].isGlued == false || words[index - 1].kind == .mark
        else { return nil }
        var form = Form(
            hour: number.value, minute: 0, isAmbiguous: number.value > 0, end: number.end, certainty: .certain)
        if words[index].text.first == "0" { form.isAmbiguous = false }
        var isSure = false
        if words.matches(["oclock"], at: form.end) {
            form.end += 1
            isSure = true
        } else if words.matches(["o", "clock"], at: form.end) {
            form.end += 2
            isSure = true
        }
        isSure = finish(&form, words, hours: false) || isSure
        if isSure { return form }
        let next = words[form.end]
        guard (0...23).contains(number.value), !Self.counted.contains(next.text), !Self.hourWords.contains(next.text),
            !(next.isGlued && [":", ".", "/", "-", "%"].contains(next.text) && words[form.end + 1].isGlued),
            NumberWords.read(words, at: form.end) == nil
        else { return nil }
        let isAt = ["at", "@"].contains(words[index - 1].text) || words[index - 2].text == "at"
        guard isAt || (isAsked && words.count - form.end <= 1 && index <= 2) else { return nil }
        form.certainty = isAt ? .likely : .guessed
        return form
    }

    /// ten thirty, fourteen fifteen, eight oh five.
    func written(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        guard let hour = NumberWords.written(words, at: index), (1...23).contains(hour.value) else { return nil }
        let isZero = ["oh", "o", "zero"].contains(words[hour.end].text)
        guard let minute = NumberWords.written(words, at: isZero ? hour.end + 1 : hour.end),
            isZero ? (1...9).contains(minute.value) : (10...59).contains(minute.value)
        else { return nil }
        var form = Form(
            hour: hour.value, minute: minute.value, isAmbiguous: hour.value <= 12, end: minute.end, certainty: .certain)
        if !finish(&form, words) {
            guard !Self.counted.contains(words[form.end].text) else { return nil }
            form.certainty = usual(words, index, form.end, isAsked)
            if form.certainty == .guessed { return nil }
        }
        return form
    }

    // MARK: - Parts

    /// Takes in what follows a time; true when that says that it is one.
    @discardableResult
    private func finish(_ form: inout Form, _ words: Words, hours: Bool = true) -> Bool {
        if let part = Daypart.following(words, at: form.end) {
            form.daypart = part.0
            form.end = part.end
            form.certainty = .certain
            return true
        }
        if hours, Self.hourWords.contains(words[form.end].text), words[form.end + 1].text != "late" {
            form.isAmbiguous = form.isAmbiguous && form.hour > 9
            form.end += 1
            form.certainty = .certain
            return true
        }
        return false
    }

    private func usual(_ words: Words, _ index: Int, _ end: Int, _ isAsked: Bool) -> Certainty {
        let isUsual =
            isAsked || Self.before.contains(words[index - 1].text) || Self.after.contains(words[end].text)
        return isUsual ? .likely : .guessed
    }

    /// Whether a number is the tail of another, or money.
    func isInsideNumber(_ words: Words, at index: Int) -> Bool {
        let before = words[index - 1]
        if before.text == "\u{A3}" || before.text == "#" { return true }
        guard words[index].kind == .number, words[index].isGlued else { return false }
        return [":", ".", "/", "-", ","].contains(before.text) && before.isGlued && words[index - 2].kind == .number
    }
}
