import Common

/// Where the row of a cursor was seen last (its `ctid`), so that it is found at once.
///
/// Each acknowledgement leaves a dead version of the row behind, and while somebody holds a snapshot none is cleaned
/// away: the way by the key is through all of them, and grows. A place is a hint for reading, never a claim: a row that
/// is found there is the shard's current one or is not taken, and then the key finds it.
struct CursorPlace: Hashable, Sendable {
    let text: String
}

extension CursorPlace: PostgresDecodable {
    static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> CursorPlace? {
        String.decode(cell).map { CursorPlace(text: $0) }
    }
}

extension [CursorPlace?] {
    /// As a parameter for `tid[]`.
    var texts: [String?] { map { $0?.text } }
}
