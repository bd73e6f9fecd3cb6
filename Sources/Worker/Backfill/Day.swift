package import Common

/// A day in GMT, which is what the provider's list is asked for.
package struct Day: Hashable, Comparable, Sendable {
    private let number: Int64

    package init(_ time: Timestamp) {
        let seconds = time.seconds
        number = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    }

    private init(number: Int64) { self.number = number }

    /// `2026-11-22`.
    package var text: String { String(Timestamp(seconds: number * 86_400).rfc3339.prefix(10)) }

    /// All days from that of `first` to that of `last`, both included.
    package static func all(from first: Timestamp, to last: Timestamp) -> [Day] {
        let (start, end) = (Day(first).number, Day(last).number)
        return start > end ? [] : (start...end).map { Day(number: $0) }
    }

    package static func < (a: Day, b: Day) -> Bool { a.number < b.number }
}
