import Glibc

extension PostgresUnit {
    private static let maximumStatements = 1000
    private static let maximumParameters = 65_535  // the protocol's
    private static let maximumBytesSent = 16 << 20

    /// Why `statements` cannot be sent, if so.
    static func problem(_ statements: [SQL]) -> PostgresError? {
        guard statements.count <= maximumStatements else {
            return PostgresError(
                .unencodable, "a unit of \(statements.count) statements; \(maximumStatements) are sent at most")
        }
        var bytes = 0
        for (index, statement) in statements.enumerated() {
            let place = "statement \(index + 1)\(statement.name.map { " (\($0))" } ?? "")"
            guard statement.parameters.count <= maximumParameters else {
                return PostgresError(.unencodable, "\(place) has more than \(maximumParameters) parameters")
            }
            if holdsNUL(statement.text) { return PostgresError(.unencodable, "\(place) contains a NUL") }
            bytes += statement.text.utf8.count
            for (number, parameter) in statement.parameters.enumerated() {
                switch parameter {
                case .null: break
                case .bytes(let value): bytes += value.count
                case .text(let value):
                    bytes += value.utf8.count
                    guard !holdsNUL(value) else {
                        let text = "parameter $\(number + 1) of \(place) contains a NUL, which text cannot hold"
                        return PostgresError(.unencodable, text)
                    }
                }
            }
        }
        guard bytes <= maximumBytesSent else {
            return PostgresError(.unencodable, "a unit of \(bytes) bytes; \(maximumBytesSent) are sent at most")
        }
        return nil
    }

    private static func holdsNUL(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? text.utf8.contains(0)
    }
}
