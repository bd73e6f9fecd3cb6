/// One argument of a command; strings are sent as UTF-8, numbers in decimal.
package enum RedisArgument: Hashable, Sendable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    case text(String)
    case bytes([UInt8])
    case integer(Int)

    package init(_ text: String) { self = .text(text) }
    package init(_ bytes: [UInt8]) { self = .bytes(bytes) }
    package init(_ number: Int) { self = .integer(number) }
    package init(stringLiteral text: String) { self = .text(text) }
    package init(integerLiteral number: Int) { self = .integer(number) }
}
