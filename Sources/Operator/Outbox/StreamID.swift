/// The id of a stream's entry: milliseconds of Redis' clock, and a number within them.
struct StreamID: Hashable, Comparable, Sendable, CustomStringConvertible {
    let milliseconds: Int64
    let number: Int64

    static let zero = StreamID(milliseconds: 0, number: 0)

    init(milliseconds: Int64, number: Int64) { (self.milliseconds, self.number) = (milliseconds, number) }

    /// Reads `1763859123456-0`; nil for anything else.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let number = Int64(parts[1]) else { return nil }
        self.init(milliseconds: milliseconds, number: number)
    }

    var description: String { "\(milliseconds)-\(number)" }

    static func < (a: StreamID, b: StreamID) -> Bool {
        (a.milliseconds, a.number) < (b.milliseconds, b.number)
    }
}
