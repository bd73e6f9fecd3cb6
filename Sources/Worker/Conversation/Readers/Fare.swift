/// What a ticket cost, in pence: more than nothing, at most 1,000 pounds.
package struct Fare: Hashable, Sendable {
    package let pence: Int

    package init?(pence: Int) {
        guard (1...100_000).contains(pence) else { return nil }
        self.pence = pence
    }
}
