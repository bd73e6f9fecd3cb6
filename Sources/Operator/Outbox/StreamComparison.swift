import Common

/// The log up to its cursors beside the stream: fed with the one, then with the other, in their orders.
struct StreamComparison: Sendable {
    /// An entry of the stream.
    struct Entry: Sendable {
        let place: StreamID
        let id: String
        let key: String
        let sequence: Int64
        /// Somebody asked for it to be published once more.
        let isReplay: Bool
    }

    /// The log's events of one shard.
    fileprivate struct Shard: Sendable {
        let cursor: Int64
        var sequences: [Int64] = []
        var ids: [UInt64] = []
        /// The part of the stream in which each was last seen, from 1; 0 for never.
        var seen: [UInt8] = []
    }

    /// How many differences of a kind are kept to be shown.
    static let sampleLimit = 20

    /// Events of one kind: how many, and the first of them.
    struct Finding: Sendable {
        private(set) var count = 0
        private(set) var sample: [String] = []

        mutating func add(_ text: @autoclosure () -> String) {
            count += 1
            if sample.count < StreamComparison.sampleLimit { sample.append(text()) }
        }
    }

    /// What is not as it should be.
    struct Differences: Sendable {
        /// In the log, before the cursor, and not in the stream.
        var lost = Finding()
        /// More than once in the stream, without being asked for.
        var twice = Finding()
        /// After a later event of its key.
        var swapped = Finding()
        /// In the stream, and not in the log.
        var unknown = Finding()

        var all: [(name: String, finding: Finding)] {
            [("lost", lost), ("twice", twice), ("out_of_order", swapped), ("unknown", unknown)]
        }
        var count: Int { all.reduce(0) { $0 + $1.finding.count } }
    }

    private var shards: [Int: Shard]
    /// Where parts of the stream end: someone had events published again after them.
    private let boundaries: [StreamID]
    /// Up to where the stream has events of another log.
    private let beginning: StreamID
    private var part: UInt8 = 1
    private var lastOfKey: [UInt64: Int64] = [:]

    private(set) var events = 0
    private(set) var entries = 0
    private(set) var replays = 0
    private(set) var ofEarlierLogs = 0
    private(set) var present = 0
    private(set) var parked = 0
    private(set) var erased = 0
    private(set) var trimmed = 0
    private(set) var differences = Differences()

    init(cursors: [Int: Int64], boundaries: [StreamID] = [], beginning: StreamID? = nil) {
        shards = cursors.mapValues { Shard(cursor: $0) }
        self.boundaries = boundaries.sorted()
        self.beginning = beginning ?? .zero
    }

    /// Adds an event of the log; a shard's come in order.
    mutating func add(sequence: Int64, id: String, shard: Int) {
        events += 1
        shards[shard]?.sequences.append(sequence)
        shards[shard]?.ids.append(FNV1a.hash64(id.utf8))
        shards[shard]?.seen.append(0)
    }

    /// Adds an entry of the stream; they come in order.
    mutating func add(_ entry: Entry) {
        entries += 1
        while Int(part) <= boundaries.count, entry.place > boundaries[Int(part) - 1] {
            part += 1
            lastOfKey.removeAll(keepingCapacity: true)
        }
        let number = OutboxShard.of(entry.key)
        // What is beyond the cursor has not been acknowledged yet.
        guard let shard = shards[number], entry.sequence <= shard.cursor else { return }
        guard let lowest = shard.sequences.first, entry.sequence >= lowest else { return }
        guard let index = shard.index(of: entry.sequence), shard.ids[index] == FNV1a.hash64(entry.id.utf8) else {
            if entry.place <= beginning {
                ofEarlierLogs += 1
            } else {
                differences.unknown.add("\(entry.id) (\(entry.sequence)) at \(entry.place)")
            }
            return
        }
        if entry.isReplay {
            replays += 1
            // It tells that it is there, not where it was first.
            if shard.seen[index] == 0 { shards[number]?.seen[index] = .max }
            return
        }
        if shard.seen[index] == part { differences.twice.add("\(entry.id) (\(entry.sequence)) at \(entry.place)") }
        shards[number]?.seen[index] = part
        let key = FNV1a.hash64(entry.key.utf8)
        if let last = lastOfKey[key], last > entry.sequence {
            differences.swapped.add("\(entry.id) (\(entry.sequence)) after \(last), at \(entry.place)")
        } else {
            lastOfKey[key] = entry.sequence
        }
    }

    /// Says what is missing, when the whole stream was added.
    ///
    /// `parked` are sequences that the sink refused, `erased` those of entries that an erasure may have taken out. The stream's oldest entries may have been trimmed away, `removed`
    /// at most: up to `trimmable` of each shard, as long as nothing earlier is there.
    mutating func finish(
        parked refused: Set<Int64>, erased takenOut: Set<Int64> = [], trimmable: [Int: Int64], removed: Int
    ) {
        for (number, shard) in shards.sorted(by: { $0.key < $1.key }) {
            var hasBegun = false
            for (index, sequence) in shard.sequences.enumerated() {
                if shard.seen[index] != 0 {
                    present += 1
                    hasBegun = hasBegun || shard.seen[index] != .max
                } else if refused.contains(sequence) {
                    parked += 1
                } else if takenOut.contains(sequence) {
                    erased += 1
                } else if !hasBegun, sequence <= trimmable[number] ?? 0, trimmed < removed {
                    trimmed += 1
                } else {
                    differences.lost.add("sequence \(sequence) of shard \(number)")
                }
            }
        }
    }
}

extension StreamComparison.Shard {
    /// Where a sequence is.
    fileprivate func index(of sequence: Int64) -> Int? {
        var (low, high) = (0, sequences.count)
        while low < high {
            let middle = (low + high) / 2
            if sequences[middle] < sequence { low = middle + 1 } else { high = middle }
        }
        return low < sequences.count && sequences[low] == sequence ? low : nil
    }
}
