import Glibc

extension Timestamp {
    /// Reads RFC 3339 as people write it: `2026-11-22T19:35:00Z`, `2026-11-22t19:35:00.5+01:00`; nil for anything else.
    ///
    /// What is finer than a microsecond is dropped; a leap second is the next second.
    package init?(rfc3339 text: some StringProtocol) {
        var rest = Substring(text).utf8[...]
        func digits(_ count: Int, _ range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix(count)
            guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(count)
            let number = digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
            return range.contains(number) ? number : nil
        }
        func skip(_ characters: String) -> UInt8? {
            guard let next = rest.first, characters.utf8.contains(next) else { return nil }
            rest = rest.dropFirst()
            return next
        }
        guard let year = digits(4, 1...9999), skip("-") != nil, let month = digits(2, 1...12), skip("-") != nil,
            let day = digits(2, 1...31), skip("Tt ") != nil, let hour = digits(2, 0...23), skip(":") != nil,
            let minute = digits(2, 0...59), skip(":") != nil, let second = digits(2, 0...60)
        else { return nil }
        var micros = 0
        if skip(".") != nil {
            let fraction = rest.prefix { (0x30...0x39).contains($0) }
            guard !fraction.isEmpty else { return nil }
            rest = rest[fraction.endIndex...]
            for place in 0..<6 { micros = micros * 10 + (fraction.dropFirst(place).first.map { Int($0) - 0x30 } ?? 0) }
        }
        var offset = 0
        if skip("Zz") == nil {
            guard let sign = skip("+-"), let hours = digits(2, 0...23), skip(":") != nil,
                let minutes = digits(2, 0...59)
            else { return nil }
            offset = (hours * 60 + minutes) * 60 * (sign == UInt8(ascii: "-") ? -1 : 1)
        }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
        let seconds = timegm(&parts)
        // The 31st of a month that has none became the 1st of the next.
        guard rest.isEmpty, parts.tm_mday == Int32(day) || second == 60 else { return nil }
        self.init(microseconds: Int64(seconds - offset) * 1_000_000 + Int64(micros))
    }
}
