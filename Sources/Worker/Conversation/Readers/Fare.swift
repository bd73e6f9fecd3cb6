/// What a ticket cost, in pence: more than nothing, at most 1,000 pounds.
package struct Fare: Hashable, Sendable {
    package let pence: Int

    package init?(pence: Int) {
        guard (1...100_000).contains(pence) else { return nil }
        self.pence = pence
    }

    /// As passengers are shown it: `£12.50`; `FareReader` reads it back.
    package var shown: String { "\u{A3}\(pence / 100).\(padded(pence % 100, to: 2))" }
}
