/// Reads how late a train was: 40, 40 min, 1h05, an hour and a half, "over two hours", cancelled.
package struct DelayReader: Sendable {
    package init() {}

    package enum Refusal: Hashable, Sendable {
        case unreadable
        /// Not late at all.
        case notLate
        /// More than a day.
        case tooLong
    }

    /// Reads the answer to the question for the delay; `unreadable` when there is none in it.
    package func read(_ text: String) -> Reading<ReportedDelay, Refusal> {
        DelayReader.merged(matches(in: Words(text), isAsked: true))?.reading ?? .refused(.unreadable)
    }

    /// Every delay in a message; a number alone is one only if a delay was asked for.
    func matches(in words: Words, isAsked: Bool) -> [Match<ReportedDelay, Refusal>] {
        var matches: [Match<ReportedDelay, Refusal>] = []
        var index = 0
        while index < words.count {
            if let match = match(words, at: index, isAsked: isAsked) {
                matches.append(match)
                index = max(match.tokens.upperBound, index + 1)
            } else {
                index += 1
            }
        }
        return matches
    }

    /// A cancellation and a delay in one message are both true: "cancelled, 40 minutes late in the end".
    static func merged(_ matches: [Match<ReportedDelay, Refusal>]) -> Match<ReportedDelay, Refusal>? {
        let lengths = matches.filter { $0.reading.value.map { $0.minutes != nil } ?? true }
        guard let cancelled = matches.first(where: { $0.reading.value?.isCancelled == true }) else {
            return lengths.best()
        }
        guard let length = lengths.best(), let minutes = length.reading.value?.minutes,
            let both = ReportedDelay(
                minutes: minutes, isCancelled: true, precision: length.reading.value?.precision ?? .exactly)
        else { return cancelled }
        return Match(
            reading: .value(both), certainty: .certain,
            tokens: min(
                cancelled.tokens.lowerBound, length.tokens.lowerBound)..<max(
                    cancelled.tokens.upperBound, length.tokens.upperBound))
    }

    private func match(_ words: Words, at index: Int, isAsked: Bool) -> Match<ReportedDelay, Refusal>? {
        if let length = words.length(ofAny: Self.cancellations, at: index) {
            guard let delay = ReportedDelay(minutes: nil, isCancelled: true) else { return nil }
            return Match(reading: .value(delay), certainty: .certain, tokens: index..<index + length)
        }
        if let length = words.length(ofAny: Self.punctual, at: index) {
            return Match(reading: .refused(.notLate), certainty: .likely, tokens: index..<index + length)
        }
        var precision = ReportedDelay.Precision.exactly
        var start = index
        for (phrases, meaning) in Self.precisions {
            guard let length = words.length(ofAny: phrases, at: index) else { continue }
            precision = meaning
            start = index + length
            break
        }
        guard var length = length(words, at: start, isAsked: isAsked) else { return nil }
        if words[length.end].text == "+" {
            precision = .over
            length.end += 1
        } else if words.matches(["or", "more"], at: length.end) || words.matches(["or", "so"], at: length.end) {
            precision = words[length.end + 1].text == "more" ? .over : .about
            length.end += 2
        }
        if length.isRange, precision == .exactly { precision = .about }
        let reading: Reading<ReportedDelay, Refusal> =
            if length.minutes > 1440 {
                .refused(.tooLong)
            } else if let delay = ReportedDelay(minutes: length.minutes, precision: precision) {
                .value(delay)
            } else {
                .refused(.notLate)
            }
        return Match(reading: reading, certainty: length.certainty, tokens: index..<length.end)
    }

    private static let cancellations: [[String]] = [
        ["cancelled"], ["canceled"], ["cancled"], ["canceld"], ["canselled"], ["cancelld"], ["cancellation"],
        ["never", "came"], ["never", "ran"], ["never", "arrived"], ["never", "left"], ["never", "departed"],
        ["never", "turned", "up"], ["never", "showed", "up"], ["didnt", "run"], ["did", "not", "run"],
        ["didnt", "turn", "up"], ["did", "not", "turn", "up"], ["didnt", "show", "up"], ["did", "not", "show", "up"],
        ["didnt", "come"], ["did", "not", "come"], ["no", "show"],
    ]

    private static let punctual: [[String]] = [
        ["on", "time"], ["no", "delay"], ["not", "late"], ["not", "delayed"], ["wasnt", "late"], ["wasnt", "delayed"],
    ]

    private static let precisions: [([[String]], ReportedDelay.Precision)] = [
        (
            [
                ["just", "over"], ["well", "over"], ["over"], ["more", "than"], ["at", "least"], ["upwards", "of"],
                [">"], ["longer", "than"],
            ], .over
        ),
        (
            [
                ["just", "under"], ["under"], ["less", "than"], ["nearly"], ["almost"], ["up", "to"], ["not", "quite"],
                ["<"],
            ], .under
        ),
        (
            [
                ["about"], ["around"], ["approx"], ["approximately"], ["roughly"], ["some"], ["circa"], ["maybe"],
                ["abt"], ["probably"], ["~"], ["ca"],
            ], .about
        ),
    ]
}
