/// A reply of RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec).
package enum RedisValue: Hashable, Sendable {
    case null
    case integer(Int)
    case bytes([UInt8])
    case status(String)
    /// The server's words, `WRONGTYPE Operation against…`.
    case error(String)
    indirect case array([RedisValue])

    /// A string or status as text, with U+FFFD for what is not UTF-8; nil for anything else.
    package var string: String? {
        switch self {
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        case .null, .integer, .error, .array: nil
        }
    }

    /// An integer, or a string that spells one.
    package var int: Int? {
        switch self {
        case .integer(let number): number
        case .bytes(let bytes): Int(String(decoding: bytes, as: UTF8.self))
        case .null, .status, .error, .array: nil
        }
    }

    package var payload: [UInt8]? {
        guard case .bytes(let bytes) = self else { return nil }
        return bytes
    }

    package var array: [RedisValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    package var isNull: Bool { self == .null }
}
