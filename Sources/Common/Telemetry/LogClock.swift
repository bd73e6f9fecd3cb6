/// The time as log lines write it; what changes once a second is formatted once a second.
final class LogClock: Sendable {
    /// `2026-11-22T19:35:00` and the second it stands for.
    private let cached = Locked<(second: Int64, text: [UInt8])>((.min, []))

    /// RFC 3339 in UTC with milliseconds.
    func text(_ time: Timestamp = .now) -> [UInt8] {
        let second = time.seconds
        let fraction = Int(time.milliseconds - second * 1000)
        var text = cached.withLock { cached in
            if cached.second != second {
                cached = (second, Array(Timestamp(seconds: second).rfc3339.utf8.prefix(19)))
            }
            return cached.text
        }
        text.reserveCapacity(24)
        text.append(UInt8(ascii: "."))
        for digit in [fraction / 100, fraction / 10 % 10, fraction % 10] {
            text.append(UInt8(ascii: "0") + UInt8(digit))
        }
        text.append(UInt8(ascii: "Z"))
        return text
    }
}
