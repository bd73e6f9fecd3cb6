/// A parameter as it is sent; never printed.
package enum PostgresValue: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    case null
    case text(String)
    /// Sent in binary, for `bytea`.
    case bytes([UInt8])

    package var description: String { "<value>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What can be interpolated into `SQL`.
package protocol PostgresEncodable: Sendable {
    var postgresValue: PostgresValue { get }
}

/// The text of a JSON document, for `json` and `jsonb`.
package struct JSONText: Hashable, Sendable {
    package var text: String
    package init(_ text: String) { self.text = text }
}

extension String: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(self) }
}

extension JSONText: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(text) }
}

extension Int: PostgresEncodable {
    package var postgresValue: PostgresValue { .text("\(self)") }
}

extension Int64: PostgresEncodable {
    package var postgresValue: PostgresValue { .text("\(self)") }
}

extension Double: PostgresEncodable {
    package var postgresValue: PostgresValue { .text("\(self)") }
}

extension Bool: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(self ? "t" : "f") }
}

extension UUID: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(description) }
}

extension Timestamp: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(postgresText) }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package var postgresValue: PostgresValue { self?.postgresValue ?? .null }
}

/// What an array parameter may consist of: `[UInt8]` is `bytea`, the others are arrays (`unnest`, `= ANY`).
package protocol PostgresArrayElement: Sendable {
    static func postgresValue(of array: [Self]) -> PostgresValue
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package var postgresValue: PostgresValue { Element.postgresValue(of: self) }
}

extension UInt8: PostgresArrayElement {
    package static func postgresValue(of array: [UInt8]) -> PostgresValue { .bytes(array) }
}

extension PostgresArrayElement where Self: PostgresEncodable {
    package static func postgresValue(of array: [Self]) -> PostgresValue {
        let elements = array.map { element in
            switch element.postgresValue {
            case .null: "NULL"
            case .text(let text): "\"\(text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined())\""
            case .bytes(let bytes): "\"\\\\x\(bytes.hex)\""
            }
        }
        return .text("{\(elements.joined(separator: ","))}")
    }
}

extension String: PostgresArrayElement {}
extension Int: PostgresArrayElement {}
extension Int64: PostgresArrayElement {}
extension UUID: PostgresArrayElement {}
extension Timestamp: PostgresArrayElement {}
extension JSONText: PostgresArrayElement {}
extension Optional: PostgresArrayElement where Wrapped: PostgresEncodable & PostgresArrayElement {}
extension Array: PostgresArrayElement where Element == UInt8 {}
