/// How long a server asks to be left alone (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// Longer waits are cut to this: a mistyped number must not stop us for days.
    package static let longest: Duration = .seconds(3600)

    /// Reads whole seconds, or a date of the form `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
    ///
    /// A date that has passed is no wait at all.
    package static func wait(_ text: String?, now: Timestamp = .now) -> Duration? {
        guard let text, !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // So many digits that it is no number any more: long.
            return Int64(text).map { $0 < 3600 ? .seconds($0) : longest } ?? longest
        }
        guard text.hasSuffix(" GMT"), let date = Timestamp(rfc2822: text.dropLast(3) + "+0000") else { return nil }
        return max(.zero, min(longest, date - now))
    }
}
