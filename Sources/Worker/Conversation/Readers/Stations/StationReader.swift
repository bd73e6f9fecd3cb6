/// Reads the name of one station.
package struct StationReader: Sendable {
    var index: StationIndex

    package init(index: StationIndex = .shared) { self.index = index }

    package enum Refusal: Hashable, Sendable {
        /// No station is called so; these are the ones whose names look most like it.
        case unknown(nearest: [Station])
    }

    /// Reads the answer to the question for a station: one clear winner is taken, several are a choice.
    package func read(_ text: String) -> Reading<Station, Refusal> {
        let words = Words(text)
        if let match = mention(in: words) { return match.reading }
        return .refused(.unknown(nearest: index.nearest(to: StationWords.plain(words.tokens[...])).map { index[$0] }))
    }

    /// Reads the answer to "which of these?": a number of the list, a code, or words that tell one from the others.
    package func read(_ text: String, choosingFrom choices: [Station]) -> Reading<Station, Refusal> {
        let words = Words(text)
        let numbers = words.tokens.compactMap(\.value)
        let names = StationWords.plain(words.tokens.filter { $0.kind == .word }[...])
        let ordinals = [["first", "one"], ["second", "two"], ["third", "three"], ["fourth", "four"], ["last"]]
        if numbers.count == 1, choices.indices.contains(numbers[0] - 1), words.count <= 4 {
            return .value(choices[numbers[0] - 1])
        }
        for (place, ordinal) in ordinals.enumerated() where names.first.map(ordinal.contains) == true {
            let place = place == 4 ? choices.count - 1 : place
            if choices.indices.contains(place), names.count <= 2 { return .value(choices[place]) }
        }
        if case .value(let station) = read(text) { return .value(station) }
        let narrowed = choices.filter { choice in
            let name = Set(StationWords.plain(Words(choice.name).tokens[...]))
            return !names.isEmpty && names.allSatisfy(name.contains)
        }
        if narrowed.count == 1 { return .value(narrowed[0]) }
        if narrowed.count > 1 { return .choice(narrowed) }
        return read(text)
    }

    /// The station that a whole answer names; words around the name are passed over when the name itself is clear.
    private func mention(in words: Words) -> Match<Station, Refusal>? {
        if let match = bracketedCode(words, 0..<words.count) ?? match(words, 0..<words.count, .exact) { return match }
        let runs = self.runs(words)
        if let match = runs.first(where: { $0.certainty == .certain }) { return match }
        let start = (0..<words.count).first { !Self.lead.contains(words[$0].text) } ?? 0
        return match(words, 0..<words.count, .loose) ?? match(words, start..<words.count, .loose)
            ?? runs.first { $0.certainty == .likely }
    }

    /// "it was leeds", "Leeds please": the runs of words that are stations, the longest first.
    private func runs(_ words: Words) -> [Match<Station, Refusal>] {
        guard words.count <= 40 else { return [] }
        return stride(from: min(words.count, 10), through: 1, by: -1).flatMap { length in
            (0...(words.count - length)).compactMap { start in
                let run = start..<start + length
                return isRun(words, run) && !isCommon(words, run) ? match(words, run, .exact) : nil
            }
        }
    }

    private static let lead: Set<String> = [
        "i", "it", "was", "its", "is", "im", "from", "to", "at", "my", "the", "station", "went", "travelled", "left",
        "think", "no", "yes", "sorry", "going", "get", "on", "off", "a", "in",
    ]

    // MARK: - Pieces of a message

    /// The stations that a run of tokens means.
    func match(
        _ words: Words, _ tokens: Range<Int>, _ tolerance: StationIndex.Tolerance
    ) -> Match<Station, Refusal>? {
        if tokens.count == 1, let first = tokens.first, let station = index.station(code: words[first].text) {
            // A code is a code, whatever else it may be short for.
            return Match(reading: .value(station), certainty: .certain, tokens: tokens)
        }
        guard !tokens.isEmpty, let hits = index.search(StationWords.plain(words.tokens[tokens]), tolerance) else {
            return nil
        }
        let stations = hits.stations.map { index[$0] }
        return Match(
            reading: stations.count == 1 ? .value(stations[0]) : .choice(stations), certainty: hits.certainty,
            tokens: tokens)
    }

    /// `Leeds (LDS)`, as we print it: the code counts.
    func bracketedCode(_ words: Words, _ tokens: Range<Int>) -> Match<Station, Refusal>? {
        for index in tokens.dropFirst() where words[index].text == "(" && words[index + 2].text == ")" {
            guard let station = self.index.station(code: words[index + 1].text), index + 3 <= tokens.upperBound else {
                continue
            }
            return Match(reading: .value(station), certainty: .certain, tokens: tokens.lowerBound..<index + 3)
        }
        return nil
    }

    /// Whether nothing but the marks that names have stands between the words of a run, which starts and ends in words.
    func isRun(_ words: Words, _ tokens: Range<Int>) -> Bool {
        guard let last = tokens.last, words[tokens.lowerBound].kind == .word,
            words[last].kind != .mark || (words[last].text == ")" && tokens.contains { words[$0].text == "(" })
        else { return false }
        return tokens.allSatisfy {
            words[$0].kind != .mark || [".", "-", "&", "(", ")", "'"].contains(words[$0].text)
        }
    }

    /// Whether a run is an ordinary English word that happens to be a station's code or name.
    func isCommon(_ words: Words, _ tokens: Range<Int>) -> Bool {
        guard tokens.count == 1 else { return false }
        let token = words[tokens.lowerBound]
        return CommonWords.all.contains(token.text)
            && !(token.isCapital && words.tokens.contains { !$0.isCapital && $0.kind == .word })
    }
}
