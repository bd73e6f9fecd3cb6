extension DelayReader {
    struct Length {
        var minutes: Int
        var end: Int
        var certainty: Certainty
        var isRange = false
    }

    private static let hourUnits: Set<String> = ["h", "hr", "hrs", "hour", "hours", "houre", "hous", "hrs."]
    private static let minuteUnits: Set<String> = [
        "min", "mins", "minute", "minutes", "minuets", "minuts", "mns", "mintues", "minites", "minutos",
    ]
    private static let lateWords: Set<String> = ["late", "delay", "delayed", "behind", "overdue", "later", "l8"]

    /// A length of time that starts at a place, and is a delay by its unit, its company, or the question.
    func length(_ words: Words, at index: Int, isAsked: Bool) -> Length? {
        guard !isInsideNumber(words, at: index) else { return nil }
        if var length = range(words, at: index) ?? spoken(words, at: index) ?? counted(words, at: index) {
            guard !["ago", "before", "after", "earlier", "walk"].contains(words[length.end].text) else { return nil }
            length.certainty = isLate(words, index..<length.end) ? .certain : .likely
            return length
        }
        return bare(words, at: index, isAsked: isAsked)
    }

    // MARK: - With a unit

    /// 10 to 15 minutes, 40-45 mins: the lesser, so that no more is claimed than was.
    private func range(_ words: Words, at index: Int) -> Length? {
        guard let low = NumberWords.read(words, at: index), ["-", "to", "or"].contains(words[low.end].text),
            let high = NumberWords.read(words, at: low.end + 1), low.value < high.value
        else { return nil }
        let unit = words[high.end].text
        if Self.minuteUnits.contains(unit) {
            return Length(minutes: low.value, end: high.end + 1, certainty: .likely, isRange: true)
        }
        guard Self.hourUnits.contains(unit) else { return nil }
        return Length(minutes: low.value * 60, end: high.end + 1, certainty: .likely, isRange: true)
    }

    /// half an hour, an hour and a half, three quarters of an hour, a couple of hours.
    private func spoken(_ words: Words, at index: Int) -> Length? {
        for (phrase, minutes) in Self.fractions where words.matches(phrase, at: index) {
            return Length(minutes: minutes, end: index + phrase.count, certainty: .likely)
        }
        for phrase in [["an", "hour"], ["a", "hour"], ["hour"], ["an", "hr"], ["a", "full", "hour"]]
        where words.matches(phrase, at: index) {
            guard phrase.count > 1 || words[index + 1].text == "and" else { continue }
            return with(60, words, after: index + phrase.count)
        }
        return nil
    }

    private static let fractions: [([String], Int)] = [
        (["a", "couple", "of", "hours"], 120), (["couple", "of", "hours"], 120), (["a", "couple", "hours"], 120),
        (["three", "quarters", "of", "an", "hour"], 45), (["threequarters", "of", "an", "hour"], 45),
        (["three", "quarters", "of", "hour"], 45), (["3", "/", "4", "hour"], 45),
        (["3", "/", "4", "of", "an", "hour"], 45), (["1", "/", "2", "hour"], 30), (["1", "/", "2", "an", "hour"], 30),
        (["half", "an", "hour"], 30), (["half", "a", "hour"], 30), (["half", "hour"], 30), (["a", "half", "hour"], 30),
        (["half", "hr"], 30), (["half", "an", "hr"], 30), (["a", "quarter", "of", "an", "hour"], 15),
        (["quarter", "of", "an", "hour"], 15), (["quarter", "hour"], 15), (["a", "quarter", "hour"], 15),
    ]

    /// 40 min, 40m, 2 hours, 1h05, 1.5 hours, one and a half hours.
    private func counted(_ words: Words, at index: Int) -> Length? {
        guard let number = NumberWords.read(words, at: index) else { return nil }
        let unit = words[number.end].text == "-" ? number.end + 1 : number.end
        if Self.minuteUnits.contains(words[unit].text) || (words[unit].text == "m" && words[unit].isGlued) {
            return Length(minutes: number.value, end: unit + 1, certainty: .likely)
        }
        if Self.hourUnits.contains(words[unit].text) { return with(number.value * 60, words, after: unit + 1) }
        return part(number, words)
    }

    /// The part of an hour between a number and its unit.
    private func part(_ number: (value: Int, end: Int), _ words: Words) -> Length? {
        let parts: [([String], Int)] = [
            (["and", "a", "half"], 30), (["and", "half"], 30), (["half"], 30), (["and", "a", "quarter"], 15),
            (["quarter"], 15), (["threequarters"], 45), (["and", "three", "quarters"], 45), (["1", "/", "2"], 30),
        ]
        for (phrase, minutes) in parts where words.matches(phrase, at: number.end) {
            let unit = number.end + phrase.count
            guard Self.hourUnits.contains(words[unit].text) else { continue }
            return Length(minutes: number.value * 60 + minutes, end: unit + 1, certainty: .likely)
        }
        guard [".", ","].contains(words[number.end].text), words[number.end].isGlued,
            let decimals = words[number.end + 1].value, words[number.end + 1].isGlued,
            (1...2).contains(words[number.end + 1].digits), Self.hourUnits.contains(words[number.end + 2].text)
        else { return nil }
        let hundredths = words[number.end + 1].digits == 1 ? decimals * 10 : decimals
        return Length(
            minutes: number.value * 60 + (hundredths * 60 + 50) / 100, end: number.end + 3, certainty: .likely)
    }

    /// The minutes after the hours: "05", "and 5 minutes", "and a half".
    private func with(_ minutes: Int, _ words: Words, after index: Int) -> Length {
        var next = index
        while ["and", ",", "&"].contains(words[next].text) { next += 1 }
        if next > index, words[next].text == "a" { next += 1 }
        let parts = ["half": 30, "quarter": 15, "threequarters": 45]
        if let part = parts[words[next].text], next > index || words[next].isGlued {
            return Length(minutes: minutes + part, end: next + 1, certainty: .likely)
        }
        if words.matches(["three", "quarters"], at: next) {
            return Length(minutes: minutes + 45, end: next + 2, certainty: .likely)
        }
        if let number = NumberWords.read(words, at: next), (0...59).contains(number.value) {
            if Self.minuteUnits.contains(words[number.end].text)
                || (words[number.end].text == "m" && words[number.end].isGlued)
            {
                return Length(minutes: minutes + number.value, end: number.end + 1, certainty: .likely)
            }
            let isTail =
                words[next].isGlued || words[index].text == "and" || Self.lateWords.contains(words[number.end].text)
            let isOther = [":", ".", "/"].contains(words[number.end].text) && words[number.end + 1].isGlued
            if isTail || number.end >= words.count, !isOther {
                return Length(minutes: minutes + number.value, end: number.end, certainty: .likely)
            }
        }
        return Length(minutes: minutes, end: index, certainty: .likely)
    }

    // MARK: - Without one

    private func bare(_ words: Words, at index: Int, isAsked: Bool) -> Length? {
        guard let number = NumberWords.read(words, at: index), words[index - 1].text != "\u{A3}" else { return nil }
        if words[number.end].text == ":", words[number.end].isGlued, words[number.end + 1].digits == 2,
            let minutes = words[number.end + 1].value, minutes < 60, number.value < 10
        {
            // 1:05 is a length of time only where one is spoken of: elsewhere it is a time of day.
            let isLate = Self.lateWords.contains(words[number.end + 2].text)
            let isLength = Self.hourUnits.contains(words[number.end + 2].text)
            guard isLate || isLength || isAsked, words[index].digits == 1 || number.value < 2 else { return nil }
            return Length(
                minutes: number.value * 60 + minutes, end: number.end + (isLength || isLate ? 3 : 2),
                certainty: .certain)
        }
        let next = words[number.end]
        guard !next.isGlued || next.kind == .mark, !words[index].isGlued || words[index - 1].kind == .mark,
            !(next.isGlued && words[number.end + 1].isGlued && [":", ".", "/", "-"].contains(next.text))
        else { return nil }
        let isPlus = next.text == "+"
        if Self.lateWords.contains(words[isPlus ? number.end + 1 : number.end].text) || isDelay(words, before: index) {
            return Length(minutes: number.value, end: number.end, certainty: .certain)
        }
        let isAlone = words.count - number.end <= (isPlus ? 2 : 1)
        return isAsked && isAlone ? Length(minutes: number.value, end: number.end, certainty: .guessed) : nil
    }

    /// Whether lateness is spoken of beside a length of time.
    private func isLate(_ words: Words, _ length: Range<Int>) -> Bool {
        (length.upperBound..<length.upperBound + 3).contains { Self.lateWords.contains(words[$0].text) }
            || (length.lowerBound - 4..<length.lowerBound).contains {
                Self.lateWords.contains(words[$0].text) || words[$0].text == "delays"
            }
    }

    /// "delayed by 40", "a delay of 40".
    private func isDelay(_ words: Words, before index: Int) -> Bool {
        let name =
            ["by", "of", "was", ":", "is", "about", "around", "over", "at"].contains(words[index - 1].text)
            ? index - 2 : index - 1
        return ["delay", "delayed"].contains(words[name].text)
            || (words[name].text == "late" && words[index - 1].text == "by")
    }

    private func isInsideNumber(_ words: Words, at index: Int) -> Bool {
        guard words[index].kind == .number, words[index].isGlued else { return false }
        return [":", ".", "/", "-", ","].contains(words[index - 1].text) && words[index - 1].isGlued
            && words[index - 2].kind == .number
    }
}
