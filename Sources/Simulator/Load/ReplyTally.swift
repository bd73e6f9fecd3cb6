import Common

/// How often each of the service's replies was taken for delivery, by the service's own id of it.
///
/// The id is what the `m=` of the StatusCallback says. Messages are kept for a while only; this is never trimmed, and
/// says when it is full.
struct ReplyTally: Sendable {
    struct Entry: Sendable {
        /// When it was first taken, in the order of all replies.
        let place: Int
        let at: Timestamp
        var times: Int
    }

    static let limit = 2_000_000

    /// A UUID in two words, which need no memory of their own.
    struct ID: Hashable, Sendable {
        let high: UInt64
        let low: UInt64

        /// Reads the `m=` of an address.
        init?(callback: String) {
            guard let query = callback.firstIndex(of: "?") else { return nil }
            let parameter = callback[callback.index(after: query)...].split(separator: "&").first { $0.hasPrefix("m=") }
            guard let bytes = parameter.flatMap({ UUID($0.dropFirst(2)) })?.bytes else { return nil }
            high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
            low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
        }

        /// 32 hexadecimal digits, without dashes.
        var text: String {
            [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) } }.hex
        }
    }

    private(set) var entries: [ID: Entry] = [:]
    /// All that was taken, with an id or without.
    private(set) var created = 0
    /// Taken without an id, or when there was no more room.
    private(set) var untold = 0
    /// Taken more than once.
    private(set) var repeated = 0

    mutating func add(callback: String?, at time: Timestamp) {
        created += 1
        guard let id = callback.flatMap(ID.init(callback:)) else {
            untold += 1
            return
        }
        if let known = entries[id] {
            entries[id]?.times += 1
            if known.times == 1 { repeated += 1 }
        } else if entries.count < Self.limit {
            entries[id] = Entry(place: created, at: time, times: 1)
        } else {
            untold += 1
        }
    }

    var json: JSONValue {
        [
            "created": .integer(created), "distinct": .integer(entries.count), "repeated": .integer(repeated),
            "untold": .integer(untold),
        ]
    }
}
