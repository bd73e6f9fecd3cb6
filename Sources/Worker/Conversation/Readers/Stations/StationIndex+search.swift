extension StationIndex {
    /// What a search found, as numbers of stations.
    struct Hits: Hashable {
        /// Best first; more than one when the words do not say which.
        var stations: [Int]
        var certainty: Certainty
        /// The words are a name, a code or a short form whole, so that nothing is missing in them.
        var isWhole = false
    }

    /// How far from the list the words may be.
    enum Tolerance { case exact, loose }

    /// More stations than these are no answer, but a common word: Park, Road.
    static let mostCandidates = 14
    static let mostOfOneWord = 9
    /// No name and no short form has more words.
    static let mostWords = 7

    /// Finds the stations that some plain words (`StationWords.plain`) mean; nil when they mean none, or too many.
    func search(_ words: [String], _ tolerance: Tolerance) -> Hits? {
        guard (1...Self.mostWords).contains(words.count) else { return nil }
        if let codes = StationAliases.codes[words.joined(separator: " ")] {
            let stations = codes.compactMap(number(code:))
            if !stations.isEmpty { return Hits(stations: stations, certainty: .certain, isWhole: true) }
        }
        let texts = words.map { [UInt8]($0.utf8) }
        let exact = texts.map { text in word(text).map { [(word: $0, cost: 0)] } ?? [] }
        let named = hits(exact)
        if named?.isWhole == true { return named }
        if let named {
            let isTelling = words.count > 1 || (texts[0].count >= 3 && named.stations.count <= Self.mostOfOneWord)
            return isTelling && named.stations.count <= Self.mostCandidates ? named : nil
        }
        if let short = shortened(words, texts, exact) { return short }
        guard tolerance == .loose else { return nil }
        let near = zip(texts, exact).map { text, exact in exact + similarWords(to: text) }
        guard let hits = hits(near) ?? joined(texts) ?? misspelt(texts), hits.stations.count <= Self.mostCandidates
        else { return nil }
        return hits
    }

    /// The stations whose names have all the words, each as one of its alternatives.
    private func hits(_ alternatives: [[(word: Int, cost: Int)]]) -> Hits? {
        guard !alternatives.contains(where: \.isEmpty),
            let rarest = alternatives.min(by: { postings($0) < postings($1) })
        else { return nil }
        var best: [(station: Int, fit: Fit)] = []
        var seen: Set<Int> = []
        for alternative in rarest {
            for station in stations(withWord: alternative.word) where seen.insert(Int(station)).inserted {
                guard let fit = fit(alternatives, station: Int(station)) else { continue }
                if let least = best.first?.fit {
                    if fit.rank > least.rank { continue }
                    if fit.rank < least.rank { best.removeAll(keepingCapacity: true) }
                }
                best.append((Int(station), fit))
            }
        }
        guard let fit = best.first?.fit else { return nil }
        best.sort { ($0.fit.start, $0.fit.extra, $0.station) < ($1.fit.start, $1.fit.extra, $1.station) }
        let isWhole = fit.kind == .whole
        let certainty: Certainty = fit.cost > 0 ? .guessed : isWhole ? .certain : .likely
        return Hits(stations: best.map(\.station), certainty: certainty, isWhole: isWhole && fit.cost == 0)
    }

    private func postings(_ alternatives: [(word: Int, cost: Int)]) -> Int {
        alternatives.reduce(0) { $0 + stations(withWord: $1.word).count }
    }

    /// How the words fit one name.
    private struct Fit {
        enum Kind: Int { case whole, together, scattered }
        var kind: Kind
        /// Of prefixes and typing errors.
        var cost: Int
        /// The place of the first word, and the number of words of the name that were not said.
        var start: Int
        var extra: Int

        var rank: Int { cost * 4 + kind.rawValue }
    }

    private func fit(_ alternatives: [[(word: Int, cost: Int)]], station: Int) -> Fit? {
        let name = words(of: station)
        guard alternatives.count <= name.count else { return nil }
        var places: [Int] = []
        var cost = 0
        for alternative in alternatives {
            var found: (place: Int, cost: Int)?
            for (place, word) in name.enumerated() where !places.contains(place) {
                for option in alternative where option.word == word.word && option.cost < found?.cost ?? .max {
                    found = (place, option.cost)
                }
            }
            guard let found else { return nil }
            places.append(found.place)
            cost += found.cost
        }
        let extra = name.count - places.count
        let isTogether = zip(places, places.dropFirst()).allSatisfy { $1 == $0 + 1 }
        let saysName = places.contains { !name[$0].isBracketed }
        let kind: Fit.Kind = extra == 0 ? .whole : isTogether && saysName ? .together : .scattered
        return Fit(kind: kind, cost: cost, start: places.min() ?? 0, extra: extra)
    }

    // MARK: - Beyond exact words

    /// Man Picc, Glasgow Cen: words shortened beside a whole one, which together leave few stations.
    private func shortened(_ words: [String], _ texts: [[UInt8]], _ exact: [[(word: Int, cost: Int)]]) -> Hits? {
        guard exact.contains(where: { !$0.isEmpty }), exact.contains(where: \.isEmpty) else { return nil }
        var alternatives = exact
        for place in words.indices where exact[place].isEmpty {
            guard texts[place].count >= 3, !CommonWords.all.contains(words[place]) else { return nil }
            alternatives[place] = self.words(startingWith: texts[place]).map { ($0, 2) }
        }
        guard var hits = hits(alternatives), hits.stations.count <= Self.mostCandidates else { return nil }
        hits.certainty = .likely
        return hits
    }

    /// kingscross, newstreet: two words written as one.
    private func joined(_ texts: [[UInt8]]) -> Hits? {
        guard texts.count == 1, let text = texts.first, text.count >= 6, text.count <= EditDistance.longest else {
            return nil
        }
        for place in 2...text.count - 2 {
            let halves = [text[..<place], text[place...]].map { String(decoding: $0, as: UTF8.self) }
            let words = halves.compactMap(StationWords.plain).compactMap { word([UInt8]($0.utf8)) }
            guard words.count == 2, var hits = hits(words.map { [($0, 0)] }) else { continue }
            hits.certainty = .guessed
            hits.isWhole = false
            return hits
        }
        return nil
    }

    /// Words that a shortened or misspelt word may be, with what that costs.
    private func similarWords(to text: [UInt8]) -> [(word: Int, cost: Int)] {
        var similar: [(word: Int, cost: Int)] = []
        if text.count >= 3 {
            for word in words(startingWith: text) where bytes(ofWord: word).count > text.count {
                similar.append((word, 2))
            }
        }
        let limit = Self.errors(inLength: text.count)
        guard limit > 0 else { return similar }
        let letters = EditDistance.letters(text)
        text.withUnsafeBufferPointer { text in
            wordBytes.withUnsafeBufferPointer { bytes in
                for word in 0..<wordCount where EditDistance.mayBeWithin(limit, letters, wordLetters[word]) {
                    let other = UnsafeBufferPointer(
                        rebasing: bytes[Int(wordStarts[word])..<Int(wordStarts[word + 1])])
                    guard other.count > 3, let distance = EditDistance.within(limit, text, other), distance > 0
                    else { continue }
                    similar.append((word, 3 * distance))
                }
            }
        }
        return similar
    }

    /// The typing errors that a word of a length is forgiven.
    private static func errors(inLength length: Int) -> Int { length < 4 ? 0 : length < 8 ? 1 : 2 }

    /// Whole names with the spaces in the wrong places, or with too many errors for their words.
    private func misspelt(_ texts: [[UInt8]]) -> Hits? {
        let text = texts.flatMap { $0 }
        guard text.count >= 5 else { return nil }
        let nearest = nearestNames(to: text, limit: text.count < 9 ? 1 : 2)
        guard let least = nearest.first?.distance else { return nil }
        let stations = nearest.prefix { $0.distance == least }.map(\.station)
        return Hits(stations: stations, certainty: .guessed, isWhole: false)
    }

    /// The names within a distance, nearest first.
    private func nearestNames(to text: [UInt8], limit: Int) -> [(station: Int, distance: Int)] {
        var nearest: [(station: Int, distance: Int)] = []
        let letters = EditDistance.letters(text)
        text.withUnsafeBufferPointer { text in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: EditDistance.longest + 1) { name in
                for station in 0..<count where EditDistance.mayBeWithin(limit, letters, nameLetters[station]) {
                    var length = 0
                    for word in words(of: station) {
                        for byte in bytes(ofWord: word.word) where length < EditDistance.longest {
                            name[length] = byte
                            length += 1
                        }
                    }
                    let other = UnsafeBufferPointer(rebasing: name[..<length])
                    if let distance = EditDistance.within(limit, text, other) { nearest.append((station, distance)) }
                }
            }
        }
        return nearest.sorted { ($0.distance, $0.station) < ($1.distance, $1.station) }
    }

    /// The few stations whose names look most like some words that mean none.
    func nearest(to words: [String], limit: Int = 3) -> [Int] {
        let texts = words.prefix(4).map { [UInt8]($0.utf8) }
        let text = texts.flatMap { $0 }
        guard text.count >= 3 else { return [] }
        var stations = nearestNames(to: text, limit: min(4, text.count / 2)).prefix(limit).map(\.station)
        guard stations.count < limit, let longest = texts.max(by: { $0.count < $1.count }) else { return stations }
        for length in stride(from: min(longest.count, 6), through: 3, by: -1) where stations.count < limit {
            for word in self.words(startingWith: Array(longest.prefix(length))) where stations.count < limit {
                for station in self.stations(withWord: word)
                where stations.count < limit && !stations.contains(Int(station)) {
                    stations.append(Int(station))
                }
            }
        }
        return stations
    }
}
