import Glibc

/// `timestamptz` in the ISO style and in UTC, which every session of ours sets: `2026-11-22 19:35:00.123456+00`.
extension Timestamp {
    var postgresText: String {
        switch self {
        case .infinitelyLate: return "infinity"
        case .infinitelyEarly: return "-infinity"
        case _: break
        }
        var whole = time_t(seconds)
        var parts = tm()
        gmtime_r(&whole, &parts)
        let year = Int(parts.tm_year) + 1900
        let time = String(unsafeUninitializedCapacity: 48) { text in
            var place = 0
            func write(_ number: Int, _ width: Int, _ separator: Unicode.Scalar) {
                var rest = number
                for index in (0..<width).reversed() {
                    text[place + index] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                text[place + width] = UInt8(ascii: separator)
                place += width + 1
            }
            let printed = year > 0 ? year : 1 - year
            write(printed, printed < 10_000 ? 4 : printed < 100_000 ? 5 : 6, "-")
            write(Int(parts.tm_mon) + 1, 2, "-")
            write(Int(parts.tm_mday), 2, " ")
            write(Int(parts.tm_hour), 2, ":")
            write(Int(parts.tm_min), 2, ":")
            write(Int(parts.tm_sec), 2, ".")
            write(Int(microseconds - seconds * 1_000_000), 6, "+")
            write(0, 2, " ")
            return place - 1
        }
        return year > 0 ? time : time + " BC"
    }

    /// What PostgreSQL's `infinity` is read as.
    package static let infinitelyLate = Timestamp(microseconds: .max)
    /// What PostgreSQL's `-infinity` is read as.
    package static let infinitelyEarly = Timestamp(microseconds: .min)

    /// Reads what a session in the ISO style and in UTC prints, the `infinity`s included; nil for anything else.
    init?(postgres text: UnsafeBufferPointer<UInt8>) {
        var cursor = text[...]
        if text.elementsEqual("infinity".utf8) { self = .infinitelyLate; return }
        if text.elementsEqual("-infinity".utf8) { self = .infinitelyEarly; return }
        func number() -> Int? {
            let digits = cursor.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            cursor = cursor[digits.endIndex...]
            return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        func skip(_ character: Unicode.Scalar) -> Bool {
            guard cursor.first == UInt8(ascii: character) else { return false }
            cursor = cursor.dropFirst()
            return true
        }
        var parts = tm()
        guard let year = number(), skip("-"), let month = number(), skip("-"), let day = number(), skip(" "),
            let hour = number(), skip(":"), let minute = number(), skip(":"), let second = number()
        else { return nil }
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day)
        parts.tm_hour = Int32(hour)
        parts.tm_min = Int32(minute)
        parts.tm_sec = Int32(second)
        var micros = 0
        if skip(".") {
            let before = cursor.count
            guard var fraction = number() else { return nil }
            for _ in (before - cursor.count)..<6 { fraction *= 10 }
            micros = fraction
        }
        guard cursor.elementsEqual("+00".utf8) else { return nil }
        self.init(microseconds: Int64(timegm(&parts)) * 1_000_000 + Int64(micros))
    }
}
