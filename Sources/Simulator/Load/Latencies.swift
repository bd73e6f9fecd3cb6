import Common

/// How long things took, within 3 %, in the same few kilobytes however many there were.
///
/// Each power of two of microseconds is cut into 32 parts; more than half an hour counts as half an hour.
struct Latencies: Sendable {
    private static let most = UInt64(1) << 31 - 1
    private var counts = [Int](repeating: 0, count: 32 * 27 + 32)
    private(set) var count = 0
    private var largest = UInt64(0)

    mutating func add(_ time: Duration) {
        let microseconds = min(UInt64(max(0, time.wholeMicroseconds)), Self.most)
        largest = max(largest, microseconds)
        counts[Self.place(microseconds)] += 1
        count += 1
    }

    /// The time in microseconds within which that share of them was; 0 when there are none.
    func percentile(_ share: Double) -> Int {
        guard count > 0 else { return 0 }
        var left = max(1, Int((Double(count) * share).rounded(.up)))
        for (place, number) in counts.enumerated() where number > 0 {
            left -= number
            if left <= 0 { return Int(min(Self.end(place), largest)) }
        }
        return Int(largest)
    }

    var json: JSONValue {
        [
            "count": .integer(count), "p50": .integer(percentile(0.5)), "p90": .integer(percentile(0.9)),
            "p99": .integer(percentile(0.99)), "max": .integer(Int(largest)),
        ]
    }

    private static func place(_ value: UInt64) -> Int {
        guard value >= 32 else { return Int(value) }
        let power = 63 - value.leadingZeroBitCount - 5
        return power * 32 + Int(value >> UInt64(power))
    }

    /// The largest value that goes to a place.
    private static func end(_ place: Int) -> UInt64 {
        guard place >= 32 else { return UInt64(place) }
        let power = place / 32 - 1
        return (UInt64(place - power * 32) + 1) << UInt64(power) - 1
    }
}
