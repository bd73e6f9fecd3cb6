/// A piece of a page: markup from literals, data escaped.
///
/// `"<td>\(name)</td>"` escapes `name`; there is no way to put a text in that is not escaped, since literals are
/// `StaticString`s and only another `HTML` is pasted as it is. Values of attributes stand in double quotes, and no data
/// stands in names, scripts, styles or the beginning of an address.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral markup: StaticString) { text = markup.description }

    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    static let empty: HTML = ""

    static func + (a: HTML, b: HTML) -> HTML { "\(a)\(b)" }
    static func += (a: inout HTML, b: HTML) { a.text += b.text }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        mutating func appendLiteral(_ markup: StaticString) { text += markup.description }

        /// Data, in text or in a quoted attribute.
        mutating func appendInterpolation(_ data: some StringProtocol) { text.appendEscaped(data) }

        mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }

        mutating func appendInterpolation(_ part: HTML) { text += part.text }

        mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }

        /// `part` if there is one.
        mutating func appendInterpolation(_ part: HTML?) { if let part { text += part.text } }

        /// `part` if `condition` holds.
        mutating func appendInterpolation(_ part: HTML, if condition: Bool) { if condition { text += part.text } }
    }
}

extension String {
    /// Appends what a browser shows as `data` and takes for nothing else.
    ///
    /// Control characters, and those that turn the direction of what follows, become U+FFFD.
    fileprivate mutating func appendEscaped(_ data: some StringProtocol) {
        for scalar in data.unicodeScalars {
            switch scalar {
            case "&": append("&amp;")
            case "<": append("&lt;")
            case ">": append("&gt;")
            case "\"": append("&quot;")
            case "'": append("&#39;")
            case "`": append("&#96;")
            case "\n", "\t": unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200E}", "\u{200F}", "\u{202A}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                append("\u{FFFD}")
            case _: unicodeScalars.append(scalar)
            }
        }
    }
}
