import Testing

@testable import Conversation

@Suite struct LondonTimeTests {
    private func local(_ text: String) -> LondonTime.Local {
        let parts = text.split(separator: " ")
        return LondonTime.Local(
            Notation.date(String(parts[0])), CivilTime(stored: String(parts[1])) ?? CivilTime(minutesAfterMidnight: 0))
    }

    private func instant(_ utc: String) -> Int {
        let local = local(utc)
        return local.date.daysSince1970 * 86_400 + local.time.minutesAfterMidnight * 60
    }

    /// The changes as the government announced them.
    @Test(arguments: [
        ("2024-03-31", "2024-10-27"), ("2025-03-30", "2025-10-26"), ("2026-03-29", "2026-10-25"),
        ("2027-03-28", "2027-10-31"), ("2028-03-26", "2028-10-29"), ("2033-03-27", "2033-10-30"),
    ])
    func clocksChangeAtOneUTC(spring: String, autumn: String) {
        let (start, end) = (instant("\(spring) 01:00"), instant("\(autumn) 01:00"))
        #expect(LondonTime.offset(atSecondsSince1970: start - 1) == 0)
        #expect(LondonTime.offset(atSecondsSince1970: start) == 3600)
        #expect(LondonTime.offset(atSecondsSince1970: end - 1) == 3600)
        #expect(LondonTime.offset(atSecondsSince1970: end) == 0)
    }

    @Test(arguments: [
        ("2026-11-22 14:30", "2026-11-22T14:30:00+00:00"), ("2026-07-01 14:30", "2026-07-01T14:30:00+01:00"),
        ("2026-07-01 00:30", "2026-07-01T00:30:00+01:00"), ("2026-01-01 00:00", "2026-01-01T00:00:00+00:00"),
        // Spring: 01:00 to 01:59 do not exist, and count on from the change.
        ("2026-03-29 00:59", "2026-03-29T00:59:00+00:00"), ("2026-03-29 01:00", "2026-03-29T02:00:00+01:00"),
        ("2026-03-29 01:30", "2026-03-29T02:30:00+01:00"), ("2026-03-29 02:00", "2026-03-29T02:00:00+01:00"),
        // Autumn: 01:00 to 01:59 exist twice, and mean the first time.
        ("2026-10-25 00:59", "2026-10-25T00:59:00+01:00"), ("2026-10-25 01:00", "2026-10-25T01:00:00+01:00"),
        ("2026-10-25 01:59", "2026-10-25T01:59:00+01:00"), ("2026-10-25 02:00", "2026-10-25T02:00:00+00:00"),
    ])
    func localTimesArePublishedWithTheirOffset(text: String, expected: String) {
        #expect(LondonTime.rfc3339(local(text)) == expected)
    }

    @Test func timesThatDoNotExistAndTimesThatExistTwice() {
        #expect(LondonTime.instants(local("2026-03-29 01:30")).isEmpty)
        #expect(
            LondonTime.instants(local("2026-10-25 01:30")) == [
                instant("2026-10-25 00:30"), instant("2026-10-25 01:30"),
            ])
        #expect(LondonTime.instants(local("2026-07-01 12:00")) == [instant("2026-07-01 11:00")])
        #expect(LondonTime.secondsSince1970(local("2026-03-29 01:30")) == instant("2026-03-29 01:30"))
    }

    /// Every quarter of an hour of ten years comes back, but for the second of the two hours in autumn.
    @Test func instantsComeBack() {
        var mended = 0
        for instant in stride(from: instant("2020-01-01 00:00"), to: instant("2030-01-01 00:00"), by: 900) {
            let local = LondonTime.local(atSecondsSince1970: instant)
            let back = LondonTime.secondsSince1970(local)
            if back != instant {
                mended += 1
                guard back == instant - 3600, LondonTime.instants(local) == [back, instant] else {
                    Issue.record("\(local) is not \(instant)")
                    return
                }
            } else if !LondonTime.instants(local).contains(instant) {
                Issue.record("\(local) is never \(instant)")
                return
            }
        }
        #expect(mended == 40)
    }

    /// The day in London, not in UTC: half past midnight in summer is still yesterday in UTC.
    @Test func theDayIsLondons() {
        #expect(LondonTime.local(atSecondsSince1970: instant("2026-06-30 23:30")) == local("2026-07-01 00:30"))
        #expect(LondonTime.local(atSecondsSince1970: -1) == local("1969-12-31 23:59"))
    }

    @Test(arguments: [
        ("2026-11-21 23:50", "00:20", "2026-11-22 00:20"), ("2026-11-21 14:30", "15:10", "2026-11-21 15:10"),
        ("2026-11-21 14:30", "14:30", "2026-11-21 14:30"), ("2026-12-31 23:50", "00:05", "2027-01-01 00:05"),
        // Over the change in spring the journey is an hour shorter than the clocks say, in autumn longer.
        ("2026-03-28 23:50", "02:10", "2026-03-29 01:10"), ("2026-10-24 23:50", "02:10", "2026-10-25 02:10"),
        ("2026-10-25 00:40", "01:20", "2026-10-25 00:20"), ("2026-06-30 23:50", "00:20", "2026-06-30 23:20"),
    ])
    func arrivalsFollowDepartures(departure: String, arrival: String, expected: String) throws {
        let time = try #require(CivilTime(stored: arrival))
        let instant = LondonTime.arrival(at: time, after: local(departure))
        #expect(instant == self.instant(expected))
        #expect(instant >= LondonTime.secondsSince1970(local(departure)))
    }
}
