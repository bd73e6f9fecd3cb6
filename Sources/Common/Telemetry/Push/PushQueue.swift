import DequeModule

/// Entries in the order they came, within limits of count and bytes.
package struct PushQueue<Item: Sendable>: Sendable {
    private struct Entry {
        let item: Item
        let bytes: Int
        let units: Int
    }

    package let limits: PushLimits
    private var entries: Deque<Entry> = []
    /// Of all that waits.
    package private(set) var bytes = 0

    package init(_ limits: PushLimits) { self.limits = limits }

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }

    /// Whether waiting longer would not make the next batch bigger.
    package var hasFullBatch: Bool { entries.count >= limits.batchCount || bytes >= limits.batchBytes }

    /// Adds an entry at the end, or refuses it when it would pass a limit: what is there already is what led here.
    package mutating func add(_ item: Item, bytes: Int, units: Int) -> Bool {
        guard entries.count < limits.count, self.bytes + bytes <= limits.bytes else { return false }
        entries.append(Entry(item: item, bytes: bytes, units: units))
        self.bytes += bytes
        return true
    }

    /// Takes what goes into the next request off the beginning; nil when nothing waits.
    package mutating func takeBatch() -> PushBatch<Item>? {
        guard let first = entries.popFirst() else { return nil }
        var batch = PushBatch(items: [first.item], units: first.units)
        var size = first.bytes
        bytes -= first.bytes
        while batch.items.count < limits.batchCount, let next = entries.first, size + next.bytes <= limits.batchBytes {
            entries.removeFirst()
            batch.items.append(next.item)
            batch.units += next.units
            size += next.bytes
            bytes -= next.bytes
        }
        return batch
    }

    /// Forgets all that waits, and says how many units it was.
    package mutating func removeAll() -> Int {
        let units = entries.reduce(0) { $0 + $1.units }
        entries.removeAll()
        bytes = 0
        return units
    }
}

/// What one request carries.
package struct PushBatch<Item: Sendable>: Sendable {
    package var items: [Item]
    /// What metrics count: lines, series, spans.
    package var units: Int
}
