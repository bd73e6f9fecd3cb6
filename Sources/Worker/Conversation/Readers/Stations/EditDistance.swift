/// How many typing errors lie between two words: letters added, left out, changed, or swapped with the next one.
enum EditDistance {
    /// The distance, or nil when it is more than `limit`; words of up to 40 bytes, limits of up to 4.
    static func within(
        _ limit: Int, _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        let (rows, columns) = (left.count, right.count)
        guard abs(rows - columns) <= limit, rows <= longest, columns <= longest else { return nil }
        let width = longest + 1
        // Three rows: the one before the last for swaps, the last, and the one being filled.
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: 3 * width) { cells -> Int? in
            var (older, old, new) = (0, width, 2 * width)
            for column in 0...columns { cells[old + column] = column }
            for row in stride(from: 1, through: rows, by: 1) {
                cells[new] = row
                var least = row
                for column in stride(from: 1, through: columns, by: 1) {
                    let isSame = left[row - 1] == right[column - 1]
                    var cost = cells[old + column - 1] + (isSame ? 0 : 1)
                    cost = min(cost, cells[old + column] + 1, cells[new + column - 1] + 1)
                    if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                        cost = min(cost, cells[older + column - 2] + 1)
                    }
                    cells[new + column] = cost
                    least = min(least, cost)
                }
                guard least <= limit else { return nil }
                (older, old, new) = (old, new, older)
            }
            return cells[old + columns] <= limit ? cells[old + columns] : nil
        }
    }

    static let longest = 40

    /// Which letters a word has, one bit each: a cheap lower bound of the distance.
    static func letters(_ word: some Sequence<UInt8>) -> UInt32 {
        var letters: UInt32 = 0
        for byte in word { letters |= 1 << UInt32(byte & 31) }
        return letters
    }

    /// False when two words with these letters are certainly further apart than `limit`.
    static func mayBeWithin(_ limit: Int, _ left: UInt32, _ right: UInt32) -> Bool {
        (left & ~right).nonzeroBitCount <= limit && (right & ~left).nonzeroBitCount <= limit
    }
}
