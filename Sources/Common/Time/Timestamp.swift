import Glibc

/// A moment of the wall clock in microseconds since 1970-01-01T00:00:00Z, as Redis and Postgres count it.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    /// The system's clock, now.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package var milliseconds: Int64 { microseconds / 1000 }
    package var seconds: Int64 { Int64((Double(microseconds) / 1_000_000).rounded(.down)) }

    /// RFC 3339 in UTC with milliseconds: `2026-11-22T19:35:00.123Z`.
    package var rfc3339: String {
        var whole = time_t(seconds)
        var parts = tm()
        gmtime_r(&whole, &parts)
        let fraction = (microseconds - seconds * 1_000_000) / 1000
        return "\(Int(parts.tm_year) + 1900)-\(pad(parts.tm_mon + 1))-\(pad(parts.tm_mday))"
            + "T\(pad(parts.tm_hour)):\(pad(parts.tm_min)):\(pad(parts.tm_sec))"
            + ".\(fraction < 100 ? fraction < 10 ? "00" : "0" : "")\(fraction)Z"
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }
    package static func + (a: Timestamp, b: Duration) -> Timestamp {
        Timestamp(microseconds: a.microseconds + b.wholeMicroseconds)
    }
    package static func - (a: Timestamp, b: Duration) -> Timestamp {
        Timestamp(microseconds: a.microseconds - b.wholeMicroseconds)
    }
    package static func - (a: Timestamp, b: Timestamp) -> Duration { .microseconds(a.microseconds - b.microseconds) }

    private func pad(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Duration {
    package var wholeMicroseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
    package var wholeMilliseconds: Int64 { wholeMicroseconds / 1000 }
    /// For metrics and for Redis' `timeout` arguments.
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
