import Common
import TestSupport
import Testing

@testable import Operator

/// The comparison alone, with logs and streams made up.
@Suite struct StreamComparisonTests {
    private static let keys = ["ann", "bob", "cy"]

    /// A random log and a stream made from it; `spoil` may change the stream's entries.
    private func compare(
        seed: UInt64, boundaries: [Int] = [],
        spoil: (inout [StreamComparison.Entry], inout SplitMix64) -> Void
    ) -> StreamComparison {
        var random = SplitMix64(seed: seed)
        let log = (1...Int64(40)).map { ($0, Self.keys[Int.random(in: 0..<3, using: &random)]) }
        var entries = log.enumerated().map { index, event in
            entry(Int64(index + 1), event.0, event.1)
        }
        spoil(&entries, &random)
        var comparison = StreamComparison(
            cursors: Dictionary(uniqueKeysWithValues: (0..<64).map { ($0, 40) }),
            boundaries: boundaries.map { StreamID(milliseconds: Int64($0), number: 0) })
        for (sequence, key) in log {
            comparison.add(sequence: sequence, id: "e\(sequence)", shard: OutboxShard.of(key))
        }
        for entry in entries { comparison.add(entry) }
        comparison.finish(parked: [], trimmable: [:], removed: 0)
        return comparison
    }

    private func entry(_ place: Int64, _ sequence: Int64, _ key: String) -> StreamComparison.Entry {
        .init(
            place: StreamID(milliseconds: place, number: 0), id: "e\(sequence)", key: key, sequence: sequence,
            isReplay: false)
    }

    private func found(_ comparison: StreamComparison) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: comparison.differences.all.map { ($0.name, $0.finding.count) })
            .filter { $0.value > 0 }
    }

    @Test(arguments: 1...20) func oneOfEachIsFound(seed: UInt64) {
        #expect(found(compare(seed: seed) { _, _ in }).isEmpty, "seed \(seed)")
        let lost = compare(seed: seed) { entries, random in
            entries.remove(at: Int.random(in: entries.indices, using: &random))
        }
        #expect(found(lost) == ["lost": 1], "seed \(seed)")
        let twice = compare(seed: seed) { entries, random in
            let index = Int.random(in: entries.indices, using: &random)
            entries.insert(entries[index], at: index)
        }
        #expect(found(twice) == ["twice": 1], "seed \(seed)")
        let swapped = compare(seed: seed) { entries, random in
            let key = entries[Int.random(in: entries.indices, using: &random)].key
            let places = entries.indices.filter { entries[$0].key == key }
            guard places.count > 1 else { return }
            let at = Int.random(in: 0..<places.count - 1, using: &random)
            entries.swapAt(places[at], places[at + 1])
        }
        #expect(found(swapped).keys.allSatisfy { $0 == "out_of_order" }, "seed \(seed)")
    }

    /// Events of different people may be swapped: they have no order.
    @Test(arguments: 1...20) func othersMayGoFirst(seed: UInt64) {
        let comparison = compare(seed: seed) { entries, _ in
            entries = Self.keys.flatMap { key in entries.filter { $0.key == key } }
        }
        #expect(found(comparison).isEmpty, "seed \(seed)")
    }

    @Test func afterABoundaryEventsMayComeAgain() {
        func again(from start: Int, boundary: [Int]) -> [String: Int] {
            found(
                compare(seed: 1, boundaries: boundary) { entries, _ in
                    entries += entries[start...].enumerated().map { index, old in
                        entry(Int64(100 + index), old.sequence, old.key)
                    }
                })
        }
        #expect(again(from: 30, boundary: [])["twice"] == 10)
        #expect(again(from: 30, boundary: [40]).isEmpty)
        #expect(again(from: 30, boundary: [20])["twice"] == 10)
    }

    @Test func idsOfStreamsAreRead() {
        #expect(StreamID("1763859123456-7")?.description == "1763859123456-7")
        #expect(StreamID("1-2").map { $0 < StreamID(milliseconds: 1, number: 10) } == true)
        for text in ["", "1", "1-", "a-1", "1-2-3"] { #expect(StreamID(text) == nil, "\(text)") }
    }
}
