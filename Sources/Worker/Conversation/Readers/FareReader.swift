/// Reads what a ticket cost: £12.50, 12.50, 12 quid, 1250p, twelve pounds.
package struct FareReader: Sendable {
    package init() {}

    package enum Refusal: Hashable, Sendable {
        case unreadable
        /// Nothing, or more than 1,000 pounds.
        case outOfRange
    }

    /// Reads the answer to the question for the fare; `unreadable` when there is none in it.
    package func read(_ text: String) -> Reading<Fare, Refusal> {
        matches(in: Words(text), isAsked: true).best()?.reading ?? .refused(.unreadable)
    }

    /// Every fare in a message; a number alone is one only if a fare was asked for.
    func matches(in words: Words, isAsked: Bool) -> [Match<Fare, Refusal>] {
        var matches: [Match<Fare, Refusal>] = []
        var index = 0
        while index < words.count {
            if let form = form(words, at: index, isAsked: isAsked) {
                let fare = form.pence.flatMap(Fare.init(pence:))
                matches.append(
                    Match(
                        reading: fare.map { .value($0) } ?? .refused(form.pence == nil ? .unreadable : .outOfRange),
                        certainty: form.certainty, tokens: index..<form.end))
                index = max(form.end, index + 1)
            } else {
                index += 1
            }
        }
        return matches
    }

    private struct Form {
        /// Nil for what is no amount: £12.505.
        var pence: Int?
        var end: Int
        var certainty: Certainty
    }

    private static let pounds: Set<String> = ["pounds", "pound", "quid", "gbp", "sterling", "squid", "pnds", "\u{A3}"]
    private static let pence: Set<String> = ["p", "pence", "penny", "pennies"]
    private static let notes = ["fiver": 500, "tenner": 1000]
    private static let currencies: Set<String> = ["\u{20AC}", "$", "euro", "euros", "eur", "dollars", "usd"]

    private func form(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        if ["\u{A3}", "gbp"].contains(words[index].text) {
            let isNegative = words[index + 1].text == "-"
            guard let amount = amount(words, at: isNegative ? index + 2 : index + 1) else { return nil }
            return Form(pence: isNegative ? 0 : amount.pence, end: amount.end, certainty: .certain)
        }
        guard !isInsideNumber(words, at: index) else { return nil }
        for (note, value) in Self.notes where words[index].text == note {
            return Form(pence: value, end: index + 1, certainty: .likely)
        }
        if let number = NumberWords.read(words, at: index), Self.pence.contains(words[number.end].text) {
            return Form(pence: number.value, end: number.end + 1, certainty: .certain)
        }
        if let amount = amount(words, at: index), Self.pounds.contains(words[amount.end].text) {
            var form = Form(pence: amount.pence, end: amount.end + 1, certainty: .certain)
            addPence(&form, words)
            return form
        }
        return isAsked || isCost(words, before: index) ? bare(words, at: index, isAsked: isAsked) : nil
    }

    /// twelve pounds fifty, 12 pounds and 50p.
    private func addPence(_ form: inout Form, _ words: Words) {
        let next = words[form.end].text == "and" ? form.end + 1 : form.end
        guard let pence = form.pence, let extra = NumberWords.read(words, at: next), (1...99).contains(extra.value),
            words[next].digits != 1 || Self.pence.contains(words[extra.end].text)
        else { return }
        let isMarked = Self.pence.contains(words[extra.end].text)
        let isOther =
            words[next].kind == .number
            && (words[extra.end].isGlued || ["min", "mins", "minutes"].contains(words[extra.end].text))
        guard isMarked || (next == form.end && !isOther) else { return }
        form.pence = pence + extra.value
        form.end = isMarked ? extra.end + 1 : extra.end
    }

    /// 12, 12.50, twelve fifty: an amount because it was asked for, or because "cost" stands before it.
    private func bare(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        let isNegative =
            words[index].text == "-" && words[index + 1].isGlued && words[index + 1].kind == .number && index == 0
        let start = isNegative ? 1 : index
        guard isNegative || words[index].kind != .mark, let amount = amount(words, at: start) else { return nil }
        let next = words[amount.end]
        guard !next.isGlued || next.kind == .mark, !words[index].isGlued || words[index - 1].kind == .mark,
            !(next.isGlued && [":", "/", "-", "%"].contains(next.text)),
            !["min", "mins", "minutes", "minute", "late", "hour", "hours", "hrs", "hr", "am", "pm"].contains(next.text),
            !Self.currencies.contains(next.text), !Self.currencies.contains(words[index - 1].text)
        else { return nil }
        if words[start].kind == .word, let pence = NumberWords.written(words, at: amount.end),
            (10...99).contains(pence.value), let pounds = amount.pence
        {
            return Form(pence: pounds + pence.value, end: pence.end, certainty: .likely)
        }
        let isWritten = amount.end > start + 1 || isCost(words, before: index)
        guard isWritten || words.count - amount.end <= 3 else { return nil }
        return Form(
            pence: isNegative ? 0 : amount.pence, end: amount.end, certainty: isWritten ? .likely : .guessed)
    }

    /// Pounds, with or without pence behind a point or a comma; thousands may be set off.
    private func amount(_ words: Words, at index: Int) -> (pence: Int?, end: Int)? {
        guard let number = NumberWords.read(words, at: index) else { return nil }
        var pounds = number.value
        var end = number.end
        if words[index].kind == .number, words[end].text == ",", words[end].isGlued, words[end + 1].digits == 3,
            words[end + 1].isGlued, let rest = words[end + 1].value
        {
            pounds = min(pounds, 1_000_000) * 1000 + rest
            end += 2
        }
        guard words[index].kind == .number, [".", ","].contains(words[end].text), words[end].isGlued,
            words[end + 1].isGlued, let decimals = words[end + 1].value
        else { return (pounds * 100, end) }
        switch words[end + 1].digits {
        case 1: return (pounds * 100 + decimals * 10, end + 2)
        case 2: return (pounds * 100 + decimals, end + 2)
        default: return (nil, end + 2)
        }
    }

    private func isCost(_ words: Words, before index: Int) -> Bool {
        let names: Set<String> = ["cost", "paid", "fare", "price", "costing", "costs"]
        return names.contains(words[index - 1].text)
            || (["me", "was", "is", "of", ":", "about", "us", "only", "around", "it"].contains(words[index - 1].text)
                && names.contains(words[index - 2].text))
    }

    private func isInsideNumber(_ words: Words, at index: Int) -> Bool {
        guard words[index].kind == .number, words[index].isGlued else { return false }
        return [":", ".", "/", ","].contains(words[index - 1].text) && words[index - 1].isGlued
            && words[index - 2].kind == .number
    }
}
