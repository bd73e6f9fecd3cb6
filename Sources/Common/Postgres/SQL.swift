/// One SQL statement and its parameters.
///
/// Interpolated values become `$1`, `$2`…: `"… WHERE id = \(id)"` has no way to paste text into the statement.
/// Its text is the key of the prepared statement, so it should come from a handful of literals.
package struct SQL: Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    package private(set) var text: String
    package private(set) var parameters: [PostgresValue]
    /// A short name for metrics and errors, one of a few: `outcome`.
    package private(set) var name: String?

    package init(stringLiteral text: String) {
        self.text = text
        parameters = []
    }

    package init(stringInterpolation: Interpolation) {
        text = stringInterpolation.text
        parameters = stringInterpolation.parameters
    }

    /// `SQL("SELECT outcome FROM …", name: "outcome")`.
    package init(_ sql: SQL, name: String) {
        self = sql
        self.name = name
    }

    package func named(_ name: String) -> SQL { SQL(self, name: name) }

    /// The text without the parameters' values.
    package var description: String { text }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var parameters: [PostgresValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 3 * interpolationCount)
            parameters.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }

        /// Binds a value, or NULL.
        package mutating func appendInterpolation(_ value: (some PostgresEncodable)?) {
            parameters.append(value?.postgresValue ?? .null)
            text += "$"
            text += String(parameters.count)
        }

        /// Pastes another statement, or part of one, with its parameters; it has no `$` but those of its parameters.
        package mutating func appendInterpolation(sql part: SQL) {
            guard !part.parameters.isEmpty else {
                text += part.text
                return
            }
            let given = parameters.count
            parameters += part.parameters
            let pieces = part.text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
            for (index, piece) in pieces.enumerated() {
                guard index > 0 else {
                    text += String(Substring(piece))
                    continue
                }
                let digits = piece.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                text += "$\(given + (Int(Substring(digits)) ?? 0))" + String(Substring(piece.dropFirst(digits.count)))
            }
        }

        /// Pastes a name, quoted.
        package mutating func appendInterpolation(identifier name: String) {
            text +=
                "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }
    }
}
