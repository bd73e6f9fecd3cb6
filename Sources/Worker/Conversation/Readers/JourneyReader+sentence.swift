extension JourneyReader {
    /// A message in which stations are looked for.
    struct Sentence {
        var words: Words
        var free: [Bool]
        var stations: StationReader

        private static let phrases: [([String], Keyword.Meaning)] = [
            (["got", "on", "at"], .from), (["get", "on", "at"], .from), (["boarded", "at"], .from),
            (["joined", "at"], .from), (["starting", "at"], .from), (["from"], .from), (["frm"], .from),
            (["form"], .from), (["fm"], .from), (["leaving"], .from), (["departing"], .from), (["departed"], .from),
            (["left"], .from), (["origin"], .from), (["ex"], .from),
            (["got", "off", "at"], .to), (["get", "off", "at"], .to), (["arriving", "at"], .to),
            (["arriving", "in"], .to), (["arriving", "into"], .to), (["arrived", "at"], .to),
            (["arrived", "in"], .to), (["arrived", "into"], .to), (["arriving"], .to), (["arrived"], .to),
            (["bound", "for"], .to), (["heading", "for"], .to), (["reached"], .to), (["towards"], .to),
            (["into"], .to), (["destination"], .to), (["to"], .to), (["for"], .weakTo), (["at"], .weakTo),
            (["between"], .between),
            (["not"], .not), (["isnt"], .not), (["wasnt"], .not), (["instead", "of"], .not),
            (["rather", "than"], .not), (["via"], .stop), (["changing", "at"], .stop), (["change", "at"], .stop),
            (["and", "back"], .stop),
        ]

        func keywords() -> [Keyword] {
            var keywords: [Keyword] = []
            var index = 0
            while index < words.count {
                if free[index], let (phrase, meaning) = Self.phrases.first(where: { words.matches($0.0, at: index) }) {
                    // "at" says where the journey ended only in "due at York"; nobody can tell in "at Leeds".
                    if phrase != ["at"] || words[index - 1].text == "due" {
                        keywords.append(Keyword(meaning: meaning, start: index, end: index + phrase.count))
                    }
                    index += phrase.count
                } else {
                    index += 1
                }
            }
            return keywords
        }

        // MARK: - Stations beside a place

        /// The station that stands directly behind a place; a longer name before a shorter one.
        func end(after place: Int, _ tolerance: StationIndex.Tolerance) -> End? {
            var start = place
            while ["the", ":", "from", "to", "=", "station"].contains(words[start].text), start < place + 3 {
                start += 1
            }
            let limit = boundary(from: start, tolerance)
            for end in stride(from: limit, to: start, by: -1) {
                if let match = match(start..<end, tolerance) { return match }
            }
            return nil
        }

        /// The station that stands directly before a place.
        func end(before place: Int, _ tolerance: StationIndex.Tolerance) -> End? {
            var end = place
            while ["the", ":", ",", "station"].contains(words[end - 1].text), end > place - 2 { end -= 1 }
            var start = end
            while start > 0, end - start < Self.longestRun, isInside(start - 1, tolerance) { start -= 1 }
            if tolerance == .loose {
                // A misspelt name only where nothing else can belong to it: at the start, or after a number or a mark.
                let isStart = start == 0 || !free[start - 1] || words[start - 1].kind != .word
                return isStart ? match(start..<end, .loose) : nil
            }
            while start < end {
                if let match = match(start..<end, tolerance) { return match }
                start += 1
            }
            return nil
        }

        /// The station that some tokens are, whole.
        func end(_ tokens: Range<Int>) -> End? { match(tokens, .exact) }

        /// The last station of a chain: in "X to Y to Z" the journey ends at Z.
        func last(after end: End?) -> End? {
            guard let first = end else { return nil }
            var last = first
            while words[last.tokens.upperBound].text == "to", free[last.tokens.upperBound],
                let next = self.end(after: last.tokens.upperBound + 1, .exact), next.certainty == .certain
            {
                last = next
            }
            return last
        }

        /// What was said where a station is missing: an attempt at a name that no station has.
        func unknown(after keyword: Keyword?) -> End? {
            guard let keyword else { return nil }
            let start = words[keyword.end].text == "the" ? keyword.end + 1 : keyword.end
            let end = min(boundary(from: start, .loose), start + 4)
            guard start < end else { return nil }
            let plain = StationWords.plain(words.tokens[start..<end])
            guard plain.contains(where: { $0.utf8.count >= 3 }) else { return nil }
            let nearest = stations.index.nearest(to: plain).map { stations.index[$0] }
            return End(
                reading: .refused(.unknown(nearest: nearest)), certainty: .guessed, tokens: start..<end)
        }

        // MARK: - Two stations without a word between

        func pair() -> (End?, End?)? {
            for isArrow in [true, false] {
                for index in words.tokens.indices where free[index] {
                    let text = words[index].text
                    guard isArrow ? text == ">" : ["-", "/", "|", ",", "\n"].contains(text) else { continue }
                    if let pair = pair(around: index) { return pair }
                }
            }
            return words.count <= Self.longestPair ? adjacent() : nil
        }

        private func pair(around mark: Int) -> (End?, End?)? {
            guard let first = end(before: mark, .exact), let second = end(after: mark + 1, .exact),
                first.certainty > .guessed, second.certainty > .guessed
            else { return nil }
            // Stoke-on-Trent is one station, though Stoke is one too.
            let whole = first.tokens.lowerBound..<second.tokens.upperBound
            if words[mark].text == "-", words[mark].isGlued, match(whole, .exact) != nil { return nil }
            return (first, second)
        }

        /// KGX EDB: two names one after the other, and nothing else around them.
        private func adjacent() -> (End?, End?)? {
            let named = words.tokens.indices.filter { free[$0] && words[$0].kind == .word }
            guard let start = named.first, let last = named.last, match(start..<last + 1, .exact) == nil else {
                return nil
            }
            for middle in stride(from: start + 1, through: last, by: 1) {
                guard let first = match(start..<middle, .exact), let second = match(middle..<last + 1, .exact),
                    first.certainty == .certain, second.certainty == .certain
                else { continue }
                return (first, second)
            }
            return nil
        }

        /// The first station named anywhere, when nothing says which end it is.
        func anywhere(besides others: [Range<Int>]) -> End? {
            guard words.count <= Self.longestPair else { return nil }
            for length in stride(from: min(Self.longestRun, words.count), through: 1, by: -1) {
                for start in 0...(words.count - length) {
                    let run = start..<start + length
                    guard !others.contains(where: { $0.overlaps(run) }), run.allSatisfy({ isInside($0, .exact) }),
                        let match = match(run, .exact), match.certainty == .certain
                    else { continue }
                    return match
                }
            }
            return nil
        }

        // MARK: - Runs

        private static let longestRun = 9
        private static let longestPair = 40
        private static let stops: Set<String> = ["from", "to", "via", "towards", "not", "frm"]

        /// Whether a token may be part of a name here.
        private func isInside(_ index: Int, _ tolerance: StationIndex.Tolerance) -> Bool {
            let token = words[index]
            guard index >= 0, index < words.count, free[index], !Self.stops.contains(token.text) else { return false }
            if token.kind == .mark { return [".", "-", "&", "(", ")"].contains(token.text) }
            return tolerance == .exact || !CommonWords.all.contains(token.text)
        }

        private func boundary(from start: Int, _ tolerance: StationIndex.Tolerance) -> Int {
            var end = start
            while end - start < Self.longestRun, isInside(end, tolerance) { end += 1 }
            return end
        }

        private func match(_ tokens: Range<Int>, _ tolerance: StationIndex.Tolerance) -> End? {
            guard let first = tokens.first, let last = tokens.last else { return nil }
            if let code = stations.bracketedCode(words, tokens), code.tokens == tokens { return code }
            let isNamed = { (index: Int) in StationWords.plain(words[index].text) != nil }
            guard stations.isRun(words, tokens), !stations.isCommon(words, tokens),
                isNamed(first) || words[first].text == "the",
                isNamed(last) || ["station", "stn", "rail", "railway"].contains(words[last].text)
            else { return nil }
            guard let match = stations.match(words, tokens, tolerance) else { return nil }
            if case .choice = match.reading, tolerance == .exact, match.certainty < .certain, tokens.count == 1,
                CommonWords.all.contains(words[first].text)
            {
                return nil
            }
            return match
        }
    }
}
