/// What a column can be read as.
package protocol PostgresDecodable: Sendable {
    /// The value of a cell in PostgreSQL's text form; nil when it is none of this type, null included.
    static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> Self?
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> Wrapped?? {
        guard let cell else { return .some(nil) }
        return Wrapped.decode(cell).map { .some($0) }
    }
}

extension String: PostgresDecodable {
    package static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> String? {
        cell.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension JSONText: PostgresDecodable {
    package static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> JSONText? {
        String.decode(cell).map { JSONText($0) }
    }
}

extension Int: PostgresDecodable {
    package static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> Int? { String.decode(cell).flatMap { Int($0) } }
}

extension Int64: PostgresDecodable {
    package static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> Int64? {
        String.decode(cell).flatMap { Int64($0) }
    }
}

extension Double: PostgresDecodable {
    package static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> Double? {
        String.decode(cell).flatMap { Double($0) }
    }
}

extension Bool: PostgresDecodable {
    package static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> Bool? {
        guard let cell, cell.count == 1 else { return nil }
        return cell[0] == UInt8(ascii: "t") ? true : cell[0] == UInt8(ascii: "f") ? false : nil
    }
}

extension UUID: PostgresDecodable {
    package static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> UUID? {
        String.decode(cell).flatMap { UUID($0) }
    }
}

extension Timestamp: PostgresDecodable {
    package static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> Timestamp? {
        cell.flatMap { Timestamp(postgres: $0) }
    }
}

/// `bytea`, which the server sends as `\x` and hexadecimal digits.
extension Array: PostgresDecodable where Element == UInt8 {
    package static func decode(_ cell: UnsafeBufferPointer<UInt8>?) -> [UInt8]? {
        guard let cell, cell.count >= 2, cell[0] == UInt8(ascii: "\\"), cell[1] == UInt8(ascii: "x") else { return nil }
        return [UInt8](hex: cell.dropFirst(2))
    }
}
