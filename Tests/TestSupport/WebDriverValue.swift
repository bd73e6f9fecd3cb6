/// What a WebDriver command gives back.
package indirect enum WebDriverValue: Decodable, Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([WebDriverValue])
    case object([String: WebDriverValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([WebDriverValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: WebDriverValue].self))
        }
    }

    /// A member; null when there is none.
    package subscript(_ name: String) -> WebDriverValue {
        guard case .object(let members) = self else { return .null }
        return members[name] ?? .null
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var bool: Bool { self == .bool(true) }

    package var array: [WebDriverValue] {
        guard case .array(let values) = self else { return [] }
        return values
    }
}
