import Common
import Glibc

/// Dates as Twilio's API writes and reads them, always in UTC.
enum TwilioDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// RFC 2822: `Thu, 24 Aug 2023 05:01:45 +0000`.
    static func text(_ time: Timestamp) -> String {
        var seconds = time_t(time.seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
            + " \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) +0000"
    }

    /// Reads `2023-08-24`, `2023-08-24 05:01:45.000`, `2023-08-24T05:01:45Z` or RFC 2822 in GMT, as a span of time.
    ///
    /// A date stands for its whole day, anything else for its second.
    static func span(_ text: String) -> Range<Timestamp>? {
        let words = text.split { !$0.isNumber && !$0.isLetter && $0 != "." }.map(String.init)
        var parts = tm()
        if let month = words.dropFirst(2).first.flatMap({ months.firstIndex(of: $0) }) {
            guard words.count >= 7, let day = Int32(words[1]), let year = Int32(words[3]) else { return nil }
            (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, Int32(month), day)
            return read(time: Array(words[4...6]), into: parts)
        }
        let numbers = text.split { "-T: Z".contains($0) }.map(String.init)
        guard numbers.count == 3 || numbers.count == 6, let year = Int32(numbers[0]), (1970...9999).contains(year),
            let month = Int32(numbers[1]), (1...12).contains(month), let day = Int32(numbers[2]), (1...31).contains(day)
        else { return nil }
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, month - 1, day)
        if numbers.count == 6 { return read(time: Array(numbers[3...5]), into: parts) }
        let start = Timestamp(seconds: Int64(timegm(&parts)))
        return start..<(start + .seconds(86_400))
    }

    private static func read(time: [String], into parts: tm) -> Range<Timestamp>? {
        guard let hour = Int32(time[0]), (0...23).contains(hour), let minute = Int32(time[1]),
            (0...59).contains(minute),
            let second = Int32(time[2].prefix { $0 != "." }), (0...60).contains(second)
        else { return nil }
        var parts = parts
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
        let start = Timestamp(seconds: Int64(timegm(&parts)))
        return start..<(start + .seconds(1))
    }
}
