import ArgumentParser
import Common

/// A moment on the command line: `2026-11-22T19:35:00Z`, `2026-11-22` (midnight UTC), or how long ago: `90s`, `2h`, `3d`.
struct Moment: ExpressibleByArgument, Hashable, Sendable {
    let timestamp: Timestamp

    init?(argument: String) { self.init(argument, now: .now) }

    init?(_ text: String, now: Timestamp) {
        if let absolute = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "T00:00:00Z") {
            timestamp = absolute
            return
        }
        let seconds: Int64
        switch text.last {
        case "s": seconds = 1
        case "m": seconds = 60
        case "h": seconds = 3600
        case "d": seconds = 86_400
        case "w": seconds = 604_800
        case _: return nil
        }
        let digits = text.dropLast()
        // Digits only: no sign, and nothing so long ago that it is no date.
        guard (1...9).contains(digits.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(digits), number * seconds < 4_000_000_000
        else { return nil }
        timestamp = now - .seconds(number * seconds)
    }

    static let help = "RFC 3339 (2026-11-22T19:35:00Z), a date, or how long ago (90s, 45m, 2h, 3d)"
}
