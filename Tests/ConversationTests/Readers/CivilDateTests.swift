import Testing

@testable import Conversation

@Suite struct CivilDateTests {
    @Test(arguments: [
        (2000, 2, 29, true), (1900, 2, 29, false), (2024, 2, 29, true), (2026, 2, 29, false), (2026, 4, 31, false),
        (2026, 12, 31, true), (2026, 0, 1, false), (2026, 13, 1, false), (2026, 1, 0, false), (0, 1, 1, false),
        (9999, 12, 31, true), (10_000, 1, 1, false), (Int.max, 1, 1, false), (2026, 1, Int.min, false),
    ])
    func theCalendarHasOnlyItsDays(year: Int, month: Int, day: Int, exists: Bool) {
        #expect((CivilDate(year: year, month: month, day: day) != nil) == exists)
    }

    /// Every day from 1600 to 2400 follows the one before, in number, in weekday and in the calendar.
    @Test func daysFollowEachOther() throws {
        var last = try #require(CivilDate(year: 1600, month: 1, day: 1))
        #expect(last.weekday == .saturday)
        while last.year < 2400 {
            let next = last.adding(days: 1)
            let isNewMonth = next.day == 1
            guard next > last, next.daysSince1970 == last.daysSince1970 + 1,
                CivilDate(year: next.year, month: next.month, day: next.day) == next,
                isNewMonth ? last.day == CivilDate.days(inMonth: last.month, of: last.year) : next.day == last.day + 1,
                next.weekday.index == (last.weekday.index + 1) % 7
            else {
                Issue.record("\(next) does not follow \(last)")
                return
            }
            last = next
        }
    }

    @Test func knownDays() {
        #expect(CivilDate(daysSince1970: 0).description == "1970-01-01")
        #expect(CivilDate(daysSince1970: 0).weekday == .thursday)
        #expect(Notation.date("2026-11-22").weekday == .sunday)
        #expect(Notation.date("2026-11-22").shown == "Sun 22 Nov 2026")
        #expect(CivilDate(daysSince1970: .min).description == "0001-01-01")
        #expect(CivilDate(daysSince1970: .max).description == "9999-12-31")
    }

    @Test(arguments: [
        "", "2026-11", "2026-11-222", "26-11-22", "2026-1-1", "2026-13-01", "2026-11-22 ", "a026-11-22", "-026-11-22",
        "2026-+1-22",
    ])
    func nothingElseIsStored(text: String) { #expect(CivilDate(stored: text) == nil) }

    @Test(arguments: ["", "8:15", "08:15:00", "24:00", "08:60", "0815", "-8:15", "08:1a"])
    func noOtherTimeIsStored(text: String) { #expect(CivilTime(stored: text) == nil) }

    @Test func minutesGoRound() {
        #expect(CivilTime(minutesAfterMidnight: 1440).description == "00:00")
        #expect(CivilTime(minutesAfterMidnight: -1).description == "23:59")
        #expect(CivilTime(minutesAfterMidnight: 1439).minutesAfterMidnight == 1439)
    }
}
