/// A reading of some tokens of a message, before it is known whether another reader claims them.
struct Match<Value: Hashable & Sendable, Refusal: Hashable & Sendable>: Hashable, Sendable {
    var reading: Reading<Value, Refusal>
    var certainty: Certainty
    var tokens: Range<Int>

    func found(in words: Words) -> Found<Value, Refusal> {
        Found(reading: reading, certainty: certainty, span: words.span(tokens))
    }
}

extension Array {
    /// The surest match, the first of those, the longest of those.
    func best<Value, Refusal>() -> Match<Value, Refusal>? where Element == Match<Value, Refusal> {
        var best: Element?
        for match in self {
            guard let other = best else {
                best = match
                continue
            }
            let isBetter =
                match.certainty != other.certainty
                ? match.certainty > other.certainty
                : match.tokens.lowerBound == other.tokens.lowerBound && match.tokens.count > other.tokens.count
            if isBetter { best = match }
        }
        return best
    }
}
