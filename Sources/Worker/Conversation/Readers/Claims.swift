/// Which reading may have which words.
struct Claims {
    private let words: Words
    private let slot: Conversation.Slot?
    private var claims: [Claim] = []
    /// The tokens that no reading has taken.
    private(set) var free: [Bool]

    private struct Claim {
        var tokens: Range<Int>
        var rank: Int
        var isBinding: Bool
        var isGranted = false
    }

    /// The readings of one slot, with the places of their claims.
    struct Entry<Value: Hashable & Sendable, Refusal: Hashable & Sendable> {
        var match: Match<Value, Refusal>
        var claim: Int
    }

    init(words: Words, expecting slot: Conversation.Slot?) {
        self.words = words
        self.slot = slot
        free = [Bool](repeating: true, count: words.count)
    }

    mutating func add<Value, Refusal>(
        _ matches: [Match<Value, Refusal>], for slot: Conversation.Slot
    ) -> [Entry<Value, Refusal>] {
        matches.map { match in
            let isAsked = self.slot == slot
            var rank = match.certainty.rawValue * 4 + (isAsked ? 2 : 0)
            if case .refused = match.reading { rank -= 1 }
            let isBinding = match.certainty > .guessed || isAsked
            claims.append(Claim(tokens: match.tokens, rank: rank, isBinding: isBinding))
            return Entry(match: match, claim: claims.count - 1)
        }
    }

    /// Gives the words to the surest claims; of those as sure to the longest, then to the first.
    mutating func settle() {
        var taken = free.map { _ in false }
        let order = claims.indices.sorted {
            let (left, right) = (claims[$0], claims[$1])
            return (-left.rank, -left.tokens.count, left.tokens.lowerBound, $0)
                < (-right.rank, -right.tokens.count, right.tokens.lowerBound, $1)
        }
        for index in order {
            let tokens = claims[index].tokens.clamped(to: 0..<words.count)
            guard !tokens.isEmpty, !tokens.contains(where: { taken[$0] }) else { continue }
            claims[index].isGranted = true
            for token in tokens {
                taken[token] = true
                if claims[index].isBinding { free[token] = false }
            }
        }
    }

    /// The readings of a slot that got their words, without those that were named only to be ruled out.
    func granted<Value, Refusal>(_ entries: [Entry<Value, Refusal>]) -> [Match<Value, Refusal>] {
        entries.filter { claims[$0.claim].isGranted && !isRuledOut($0.match.tokens.lowerBound) }.map(\.match)
    }

    /// "not monday", "instead of 14:30".
    private func isRuledOut(_ index: Int) -> Bool {
        var before = index - 1
        while before >= 0, ["the", "at", "on", "a", "by", "from", "for"].contains(words[before].text) { before -= 1 }
        switch words[before].text {
        case "not", "isnt", "wasnt": return true
        case "of": return words[before - 1].text == "instead"
        case "than": return words[before - 1].text == "rather"
        default: return false
        }
    }
}
