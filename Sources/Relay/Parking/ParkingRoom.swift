/// How many more events of a sink may be parked, in total and behind each key.
///
/// Counted when something is to be parked; what other relays park at the same moment may take it over its limits by a
/// batch or so. Past them a shard stops: a sink that refuses everything must not copy the log into a table.
struct ParkingRoom: Hashable, Sendable {
    /// Of one sink, the dead included.
    static let limit = 10_000
    /// Of one key, the dead left out.
    static let limitOfKey = 1_000

    private var left: Int
    private var leftOfKey: [String: Int]
    private let standard: Int

    /// `parked` are those of the sink, `waiting` those of keys that are not dead; keys not named have none.
    init(parked: Int, waiting: [String: Int] = [:], limit: Int = Self.limit, limitOfKey: Int = Self.limitOfKey) {
        left = limit - parked
        leftOfKey = waiting.mapValues { limitOfKey - $0 }
        standard = limitOfKey
    }

    /// Takes a place for an event of `key`; false when there is none.
    mutating func take(_ key: String) -> Bool {
        let ofKey = leftOfKey[key] ?? standard
        guard left > 0, ofKey > 0 else { return false }
        left -= 1
        leftOfKey[key] = ofKey - 1
        return true
    }
}
