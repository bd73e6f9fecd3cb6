/// Reads the class and the type of a ticket.
package struct TicketReader: Sendable {
    package init() {}

    package enum Refusal: Hashable, Sendable {
        case unreadable
    }

    /// Reads the answer to the question for the class; `unreadable` when there is none in it.
    package func readClass(_ text: String) -> Reading<TicketClass, Refusal> {
        one(classes(in: Words(text), isAsked: true))
    }

    /// Reads the answer to the question for the type; `unreadable` when there is none in it.
    package func readType(_ text: String) -> Reading<TicketType, Refusal> {
        one(types(in: Words(text), isAsked: true))
    }

    /// The class, if the message names one; "first" alone only when it was asked for.
    func classes(in words: Words, isAsked: Bool) -> [Match<TicketClass, Refusal>] {
        let classes = matches(in: words, Self.classes)
        guard isAsked else { return classes }
        let short = words.count <= 2 ? Self.shortClasses + Self.numberedClasses : Self.shortClasses
        let others = matches(in: words, short, certainty: .guessed).filter { match in
            !classes.contains { $0.tokens.overlaps(match.tokens) }
        }
        return (classes + others).sorted { $0.tokens.lowerBound < $1.tokens.lowerBound }
    }

    /// The type, if the message names one; a bare "single" is the ordinary, the anytime ticket when it was asked for.
    func types(in words: Words, isAsked: Bool) -> [Match<TicketType, Refusal>] {
        let types = matches(in: words, Self.types)
        return types.isEmpty && isAsked ? matches(in: words, Self.shortTypes, certainty: .guessed) : types
    }

    /// Whether a ticket is for there and back, if the message says so.
    func isReturn(in words: Words) -> Bool? {
        for index in 0..<words.count {
            switch words[index].text {
            case "return" where words[index - 1].text != "to", "rtn": return true
            case "single", "singles": return false
            case "way" where words[index - 1].text == "one": return false
            default: continue
            }
        }
        return nil
    }

    /// Whether a message says that there is no photo of the ticket: "no photo", "without a picture", "lost my ticket".
    func lacksPhoto(in words: Words) -> Bool {
        let between: Set<String> = ["a", "any", "the", "my", "of", "ticket"]
        return (0..<words.count).contains { index in
            let nouns: Set<String>
            switch words[index].text {
            case "no", "without": nouns = ["photo", "picture", "pic", "pdf", "image", "photos", "pictures"]
            case "lost": nouns = ["ticket", "tickets"]
            default: return false
            }
            let places = (index + 1..<min(index + 5, words.count))
            guard let noun = places.first(where: { nouns.contains(words[$0].text) }) else { return false }
            return (index + 1..<noun).allSatisfy { between.contains(words[$0].text) }
        }
    }

    private func one<Value>(_ matches: [Match<Value, Refusal>]) -> Reading<Value, Refusal> {
        var values: [Value] = []
        for value in matches.compactMap(\.reading.value) where !values.contains(value) { values.append(value) }
        return switch values.count {
        case 0: .refused(.unreadable)
        case 1: .value(values[0])
        default: .choice(values)
        }
    }

    private func matches<Value>(
        in words: Words, _ phrases: [(Value, [[String]])], certainty: Certainty = .certain
    ) -> [Match<Value, Refusal>] {
        var matches: [Match<Value, Refusal>] = []
        var index = 0
        search: while index < words.count {
            for (value, phrases) in phrases {
                guard let length = words.length(ofAny: phrases, at: index) else { continue }
                matches.append(Match(reading: .value(value), certainty: certainty, tokens: index..<index + length))
                index += length
                continue search
            }
            index += 1
        }
        return matches
    }

    private static let classes: [(TicketClass, [[String]])] = [
        (
            .first,
            [
                ["first", "class"], ["1st", "class"], ["1", "st", "class"], ["1", "class"], ["first", "-", "class"],
                ["1", "st", "-", "class"], ["class", "1"], ["class", "one"],
            ]
        ),
        (
            .standard,
            [
                ["standard", "class"], ["standard", "premium"], ["standard"], ["std"], ["std", "class"],
                ["second", "class"], ["2", "nd", "class"], ["2", "class"], ["second", "-", "class"], ["economy"],
                ["standart"], ["stnd"], ["standrd"], ["class", "2"],
            ]
        ),
    ]

    private static let shortClasses: [(TicketClass, [[String]])] = [
        (.first, [["first"], ["1", "st"], ["frist"]]),
        (.standard, [["second"], ["2", "nd"], ["normal"], ["cheap"], ["ordinary"], ["regular"]]),
    ]

    private static let numberedClasses: [(TicketClass, [[String]])] = [
        (.first, [["1"], ["f"]]), (.standard, [["2"], ["s"]]),
    ]

    private static let types: [(TicketType, [[String]])] = [
        (
            .superOffPeak,
            [
                ["super", "off", "-", "peak"], ["super", "off", "peak"], ["super", "-", "off", "-", "peak"],
                ["super", "offpeak"], ["superoffpeak"],
            ]
        ),
        (.offPeak, [["off", "-", "peak"], ["off", "peak"], ["offpeak"], ["of", "peak"]]),
        (
            .anytime,
            [
                ["anytime"], ["any", "time", "single"], ["any", "time", "return"], ["any", "time", "day"],
                ["any", "-", "time"], ["open", "return"], ["open", "single"], ["peak"], ["fully", "flexible"],
            ]
        ),
        (.advance, [["advance"], ["advanced"], ["advance", "single"], ["adv"]]),
        (
            .season,
            [
                ["season", "ticket"], ["season"], ["flexi", "season"], ["weekly", "ticket"], ["monthly", "ticket"],
                ["annual", "ticket"], ["7", "day", "season"], ["weekly", "season"], ["monthly", "season"],
                ["annual", "season"],
            ]
        ),
    ]

    private static let shortTypes: [(TicketType, [[String]])] = [
        (
            .anytime,
            [["single"], ["return"], ["normal"], ["ordinary"], ["any", "time"], ["flexible"], ["one", "way"]]
        ),
        (.season, [["weekly"], ["monthly"], ["annual"]]),
    ]
}
