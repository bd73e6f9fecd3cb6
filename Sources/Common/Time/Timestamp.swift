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
        let fraction = Int(microseconds - seconds * 1_000_000) / 1000
        let rest = String(unsafeUninitializedCapacity: 20) { text in
            var place = 0
            func write(_ mark: Unicode.Scalar, _ number: Int, _ width: Int) {
                text[place] = UInt8(ascii: mark)
                var left = number
                for index in (1...width).reversed() {
                    text[place + index] = UInt8(ascii: "0") + UInt8(left % 10)
                    left /= 10
                }
                place += width + 1
            }
            write("-", Int(parts.tm_mon) + 1, 2)
            write("-", Int(parts.tm_mday), 2)
            write("T", Int(parts.tm_hour), 2)
            write(":", Int(parts.tm_min), 2)
            write(":", Int(parts.tm_sec), 2)
            write(".", fraction, 3)
            text[place] = UInt8(ascii: "Z")
            return place + 1
        }
        return String(Int(parts.tm_year) + 1900) + rest
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }
    package static func + (a: Timestamp, b: Duration) -> Timestamp {
        Timestamp(microseconds: a.microseconds + b.wholeMicroseconds)
    }
    package static func - (a: Timestamp, b: Duration) -> Timestamp {
        Timestamp(microseconds: a.microseconds - b.wholeMicroseconds)
    }
    package static func - (a: Timestamp, b: Timestamp) -> Duration { .microseconds(a.microseconds - b.microseconds) }
}

extension Duration {
    package var wholeMicroseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
    package var wholeMilliseconds: Int64 { wholeMicroseconds / 1000 }
    /// For metrics and for Redis' `timeout` arguments.
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
