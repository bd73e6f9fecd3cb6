/// Which shards of the queue are answered for here: all of them, or those whose people this database has.
///
/// Senders belong to shards by a hash of their address, so databases that share the shards among them split the people.
package struct ServedShards: Hashable, Sendable {
    /// Ascending.
    package let numbers: [Int]
    /// How many the queue has.
    package let total: Int

    /// All shards of a queue.
    package init(all total: Int) {
        self.total = total
        numbers = Array(0..<total)
    }

    /// Reads a list of numbers and ranges, `0-31,40`; nil when it is none, is empty, or names a shard that there is not.
    package init?(_ text: String, of total: Int) {
        self.total = total
        var named: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.filter { $0 != " " }.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends.first ?? nil, let last = ends.last ?? nil,
                first <= last, first >= 0, last < total
            else { return nil }
            named.formUnion(first...last)
        }
        numbers = named.sorted()
    }

    package var areAll: Bool { numbers.count == total }

    package func contains(_ shard: Int) -> Bool { areAll || numbers.contains(shard) }

    /// A shard that is answered for elsewhere, nearest above ours and round; nil when all are ours.
    ///
    /// Going on from each to its next comes to all databases, if each has neighbouring shards.
    package var next: Int? {
        guard !areAll, let last = numbers.last else { return nil }
        return (1...total).lazy.map { (last + $0) % total }.first { !contains($0) }
    }
}
