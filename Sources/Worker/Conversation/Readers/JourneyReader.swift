/// Finds out where a journey began and ended: "X to Y", "from X to Y", "Y from X", "X - Y", "X → Y", "KGX EDB".
package struct JourneyReader: Sendable {
    var stations: StationReader

    package init(index: StationIndex = .shared) { stations = StationReader(index: index) }

    package func read(_ text: String) -> Journey {
        let words = Words(text)
        return read(words, free: [Bool](repeating: true, count: words.count))
    }

    typealias End = Match<Station, StationReader.Refusal>

    /// Reads the tokens that are free: those that no other reader has claimed.
    func read(_ words: Words, free: [Bool]) -> Journey {
        let sentence = Sentence(words: words, free: free, stations: stations)
        let keywords = sentence.keywords()
        var origin: End?
        var destination: End?
        var rejected: [End] = []
        for keyword in keywords where keyword.meaning == .not {
            if let end = sentence.end(after: keyword.end, .exact) { rejected.append(end) }
        }
        let ruledOut = rejected.map(\.tokens)
        func isFree(_ end: End?) -> Bool { end.map { end in !ruledOut.contains { $0.overlaps(end.tokens) } } ?? false }

        (origin, destination) = between(sentence, keywords)
        for tolerance in [StationIndex.Tolerance.exact, .loose] {
            for keyword in keywords where origin == nil && keyword.meaning == .from {
                let end = sentence.end(after: keyword.end, tolerance)
                if isFree(end) { origin = end }
            }
            for keyword in keywords where destination == nil && keyword.meaning == .to {
                let end = sentence.end(after: keyword.end, tolerance)
                guard isFree(end) else { continue }
                destination = sentence.last(after: end)
                // What stands before "to" is the origin, if "from" names none: "York to Leeds".
                if origin == nil || keywords.allSatisfy({ $0.meaning != .from }) {
                    origin = origin ?? sentence.end(before: keyword.start, tolerance)
                }
            }
        }
        if destination == nil { destination = beforeFrom(sentence, keywords, origin) }
        if destination == nil {
            for keyword in keywords where keyword.meaning == .weakTo {
                let end = sentence.end(after: keyword.end, .exact)
                if isFree(end), end?.certainty == .certain { destination = destination ?? end }
            }
        }
        if origin == nil, let first = keywords.first(where: { $0.meaning == .to }), destination != nil {
            let end = sentence.end(before: first.start, .loose)
            if isFree(end) { origin = end }
        }
        if origin == nil, destination == nil, let pair = sentence.pair() { (origin, destination) = pair }
        if origin == nil, destination != nil {
            origin = sentence.unknown(after: keywords.first { $0.meaning == .from })
        }
        if destination == nil, origin != nil {
            destination = sentence.unknown(after: keywords.first { $0.meaning == .to })
        }
        var journey = Journey(origin: origin?.found(in: words), destination: destination?.found(in: words))
        journey.rejected = rejected.flatMap { end in
            switch end.reading {
            case .value(let station): [station]
            case .choice(let stations): stations
            case .refused: [Station]()
            }
        }
        if origin == nil, destination == nil {
            journey.station = sentence.anywhere(besides: ruledOut)?.found(in: words)
        }
        return journey
    }

    /// Between X and Y.
    private func between(_ sentence: Sentence, _ keywords: [Keyword]) -> (End?, End?) {
        guard let between = keywords.first(where: { $0.meaning == .between }) else { return (nil, nil) }
        for index in between.end..<sentence.words.count where ["and", "&"].contains(sentence.words[index].text) {
            guard let first = sentence.end(between.end..<index), let second = sentence.end(after: index + 1, .exact),
                first.reading != second.reading
            else { continue }
            return (first, second)
        }
        return (nil, nil)
    }

    /// Y from X: what stands before "from", if nothing else says where the journey went.
    private func beforeFrom(_ sentence: Sentence, _ keywords: [Keyword], _ origin: End?) -> End? {
        guard let origin else { return nil }
        let from = keywords.last { $0.meaning == .from && $0.end <= origin.tokens.lowerBound }
        return from.flatMap { sentence.end(before: $0.start, .exact) }
    }

    /// Words that say which end a station is.
    struct Keyword: Hashable {
        enum Meaning { case from, to, weakTo, between, not, stop }
        var meaning: Meaning
        var start: Int
        var end: Int
    }
}
