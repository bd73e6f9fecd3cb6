/// The clock of Europe/London, on which every UK timetable runs.
///
/// Summer time is one hour ahead of UTC from the last Sunday of March to the last Sunday of October, both at 01:00 UTC
/// (Summer Time Act 1972 as amended by the Summer Time Order 2002). The same rule is used for every year, so that what
/// is said of days before 1996 is not history.
package enum LondonTime {
    /// A day and a time in London.
    package struct Local: Hashable, Sendable {
        package var date: CivilDate
        package var time: CivilTime

        package init(_ date: CivilDate, _ time: CivilTime) {
            self.date = date
            self.time = time
        }
    }

    /// Seconds that London is ahead of UTC: 0 or 3,600.
    package static func offset(atSecondsSince1970 instant: Int) -> Int {
        let year = CivilDate(daysSince1970: floorDivision(instant, 86_400)).year
        return change(inMonth: 3, of: year) <= instant && instant < change(inMonth: 10, of: year) ? 3600 : 0
    }

    /// What the clocks show at an instant; seconds are cut off.
    package static func local(atSecondsSince1970 instant: Int) -> Local {
        let seconds = instant + offset(atSecondsSince1970: instant)
        let days = floorDivision(seconds, 86_400)
        return Local(
            CivilDate(daysSince1970: days), CivilTime(minutesAfterMidnight: (seconds - days * 86_400) / 60))
    }

    /// When the clocks show a time, in seconds since 1970.
    ///
    /// The hour that occurs twice in October means its first occurrence: a passenger reports the timetable, which is in
    /// summer time until the change. The hour that March leaves out counts on from the change: 01:30, which no clock
    /// shows, is the instant that 02:30 is, as for a train that left when its timetable said.
    package static func secondsSince1970(_ local: Local) -> Int {
        let seconds = local.date.daysSince1970 * 86_400 + local.time.minutesAfterMidnight * 60
        if offset(atSecondsSince1970: seconds - 3600) == 3600 { return seconds - 3600 }
        return seconds
    }

    /// The instants at which the clocks show a time: none, one, or two.
    package static func instants(_ local: Local) -> [Int] {
        let seconds = local.date.daysSince1970 * 86_400 + local.time.minutesAfterMidnight * 60
        return [seconds - 3600, seconds].filter { seconds - $0 == offset(atSecondsSince1970: $0) }
    }

    /// RFC 3339 with London's offset: `2026-07-01T14:30:00+01:00`.
    ///
    /// A time that does not exist is written as the clocks then showed it.
    package static func rfc3339(_ local: Local) -> String {
        let instant = secondsSince1970(local)
        let shown = self.local(atSecondsSince1970: instant)
        return "\(shown.date)T\(shown.time):00+0\(offset(atSecondsSince1970: instant) / 3600):00"
    }

    /// The first instant at or after a departure at which the clocks show an arrival time: the next day, when the
    /// arrival is after midnight.
    package static func arrival(at time: CivilTime, after departure: Local) -> Int {
        let start = secondsSince1970(departure)
        for day in 0...2 {
            let local = Local(departure.date.adding(days: day), time)
            let all = instants(local)
            for instant in all.isEmpty ? [secondsSince1970(local)] : all where instant >= start { return instant }
        }
        return start
    }

    /// 01:00 UTC on the last Sunday of a month.
    private static func change(inMonth month: Int, of year: Int) -> Int {
        let lastDay = CivilDate(year: year, month: month, day: 31)?.daysSince1970 ?? 0
        // 1 January 1970 was a Thursday, four days after a Sunday.
        let sinceSunday = ((lastDay + 4) % 7 + 7) % 7
        return (lastDay - sinceSunday) * 86_400 + 3600
    }

    private static func floorDivision(_ number: Int, _ divisor: Int) -> Int {
        number / divisor - (number % divisor < 0 ? 1 : 0)
    }
}
