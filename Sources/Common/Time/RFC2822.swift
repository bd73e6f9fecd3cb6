extension Timestamp {
    /// Reads the date form of Twilio's REST API: `Thu, 24 Aug 2023 05:01:45 +0000` (RFC 2822, section 3.3).
    ///
    /// The weekday is optional and not checked; nil for anything else.
    package init?(rfc2822 text: String) {
        var words = text.split(separator: " ").map(String.init)
        if words.first?.hasSuffix(",") == true { words.removeFirst() }
        guard words.count == 5, let day = Int(words[0]), (1...31).contains(day),
            let month = Self.months.firstIndex(of: words[1].lowercased()), let year = Int(words[2])
        else { return nil }
        let clock = words[3].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        let zone = words[4]
        guard zone.count == 5, let offset = Int(zone.dropFirst()), zone.first == "+" || zone.first == "-" else {
            return nil
        }
        let shift = (offset / 100 * 3600 + offset % 100 * 60) * (zone.first == "-" ? -1 : 1)
        let days = Self.daysSinceEpoch(year: year, month: month + 1, day: day)
        let timeOfDay = clock[0] * 3600 + clock[1] * 60 + clock[2]
        self.init(seconds: Int64(days * 86_400 + timeOfDay - shift))
    }

    /// RFC 2822 in UTC, as Twilio prints it.
    package var rfc2822: String {
        let iso = Array(rfc3339)
        func slice(_ range: Range<Int>) -> String { String(iso[range]) }
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][
            Int(((seconds / 86_400) % 7 + 7) % 7)]
        let month = Self.months[(Int(slice(5..<7)) ?? 1) - 1]
        let name = month.prefix(1).uppercased() + month.dropFirst()
        return "\(weekday), \(slice(8..<10)) \(name) \(slice(0..<4)) \(slice(11..<19)) +0000"
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Days of the proleptic Gregorian calendar since 1970-01-01 (Howard Hinnant's `days_from_civil`).
    package static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
