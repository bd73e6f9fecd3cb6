/// A telephone number in the form of E.164: `+` and 7 to 15 digits, the first not a zero.
///
/// Whatever prints one prints it masked, `+4477…123`; only `e164` gives all of it.
package struct PhoneNumber: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// All of the number, for storing and sending, never for logs.
    package let e164: String

    package init?(_ text: String) {
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "+"), (7...15).contains(digits.count),
            digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        e164 = text
    }

    package var description: String { Mask.middle(of: e164) }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// How identifiers of people are shown.
enum Mask {
    /// The first five and the last three characters; fewer of a short text, so that a third of it stays hidden.
    static func middle(of text: String) -> String {
        let shown = min(8, text.count * 2 / 3)
        let last = shown * 3 / 8
        return text.prefix(shown - last) + "…" + text.suffix(last)
    }
}
