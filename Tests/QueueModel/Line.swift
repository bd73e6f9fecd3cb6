/// A short list of small numbers: messages in a Redis list, senders in the ring.
///
/// Packed into one word, because the search copies a state for every step it tries, and copying this costs no memory
/// of its own. Holds at most 16 numbers below 256.
package struct Line: Hashable, Sendable, CustomStringConvertible {
    private var bits: UInt128 = 0
    package private(set) var count = 0

    package init() {}

    package init(_ elements: some Sequence<Int>) {
        for element in elements { append(element) }
    }

    package static let capacity = 16

    package var isEmpty: Bool { count == 0 }
    package var first: Int? { count == 0 ? nil : self[0] }
    package var last: Int? { count == 0 ? nil : self[count - 1] }
    package var array: [Int] { (0..<count).map { self[$0] } }
    package var description: String { "\(array)" }

    package subscript(index: Int) -> Int {
        Int(truncatingIfNeeded: bits &>> UInt128(truncatingIfNeeded: 8 &* index)) & 0xFF
    }

    package mutating func append(_ element: Int) {
        precondition(count < Self.capacity && element >= 0 && element < 256, "the model's lists are short")
        bits |= UInt128(truncatingIfNeeded: element) &<< UInt128(truncatingIfNeeded: 8 &* count)
        count += 1
    }

    package mutating func prepend(_ element: Int) {
        precondition(count < Self.capacity && element >= 0 && element < 256, "the model's lists are short")
        bits = bits &<< 8 | UInt128(truncatingIfNeeded: element)
        count += 1
    }

    package mutating func append(_ other: Line) {
        var index = 0
        while index < other.count {
            append(other[index])
            index += 1
        }
    }

    package mutating func removeFirst(_ number: Int) {
        if number >= count {
            self = Line()
        } else {
            bits = bits &>> UInt128(truncatingIfNeeded: 8 &* number)
            count -= number
        }
    }

    package mutating func popFirst() -> Int? {
        let element = first
        if element != nil { removeFirst(1) }
        return element
    }

    package mutating func remove(_ element: Int) {
        var rest = Line()
        var index = 0
        while index < count {
            if self[index] != element { rest.append(self[index]) }
            index += 1
        }
        self = rest
    }

    package func prefix(_ number: Int) -> Line {
        guard number < count else { return self }
        guard number > 0 else { return Line() }
        var part = self
        part.bits &= (1 &<< UInt128(truncatingIfNeeded: 8 &* number)) &- 1
        part.count = number
        return part
    }

    package func contains(_ element: Int) -> Bool { position(of: element) != nil }

    package func position(of element: Int) -> Int? {
        var index = 0
        while index < count {
            if self[index] == element { return index }
            index += 1
        }
        return nil
    }

    package func occurrences(of element: Int) -> Int {
        var (index, number) = (0, 0)
        while index < count {
            if self[index] == element { number += 1 }
            index += 1
        }
        return number
    }

    /// The numbers as one word; exact for the eight first of them.
    package var word: UInt64 { UInt64(truncatingIfNeeded: bits) }
    package var highWord: UInt64 { UInt64(truncatingIfNeeded: bits &>> 64) }
}
