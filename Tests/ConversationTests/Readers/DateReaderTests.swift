import Testing

@testable import Conversation

/// Today is Sunday 22 November 2026; claims are taken for 90 days, back to 24 August.
@Suite struct DateReaderTests {
    static let table: [(String, String)] = [
        // By name.
        ("today", "2026-11-22"), ("Today!", "2026-11-22"), ("this morning", "2026-11-22"),
        ("TONIGHT", "2026-11-22"), ("yesterday", "2026-11-21"), ("it was yesterday morning", "2026-11-21"),
        ("last night", "2026-11-21"), ("day before yesterday", "2026-11-20"),
        ("the day before yesterday", "2026-11-20"), ("two days ago", "2026-11-20"), ("3 days ago", "2026-11-19"),
        ("a couple of days ago", "2026-11-20"), ("a week ago", "2026-11-15"), ("2 weeks ago", "2026-11-08"),
        ("yest", "2026-11-21"), ("tomorrow", "future 2026-11-23"), ("day after tomorrow", "future 2026-11-24"),
        ("200 days ago", "too old 2026-05-06"), ("90 days ago", "2026-08-24"), ("91 days ago", "too old 2026-08-23"),
        // Weekdays.
        ("tue", "2026-11-17"), ("Tuesday", "2026-11-17"), ("last tue", "2026-11-17"), ("on Monday", "2026-11-16"),
        ("weds", "2026-11-18"), ("thurs", "2026-11-19"), ("friday", "2026-11-20"), ("Sat.", "2026-11-21"),
        ("sunday", "2026-11-22"), ("last sunday", "2026-11-15"), ("this sunday", "2026-11-22"),
        ("tuesday last week", "2026-11-10"), ("last week on friday", "2026-11-13"), ("monday last", "2026-11-16"),
        ("next tuesday", "future 2026-11-24"), ("wednesday next week", "future 2026-11-25"),
        // Day and month in numbers, day first.
        ("22/11", "2026-11-22"), ("1/11", "2026-11-01"), ("01/11", "2026-11-01"), ("22/11/26", "2026-11-22"),
        ("22/11/2026", "2026-11-22"), ("22-11-2026", "2026-11-22"), ("22.11.26", "2026-11-22"),
        ("22.11", "2026-11-22"), ("22-11", "2026-11-22"), ("2026-11-22", "2026-11-22"), ("2026/11/22", "2026-11-22"),
        ("22 / 11 / 26", "2026-11-22"), ("22 11 26", "2026-11-22"), ("22 11", "2026-11-22"),
        ("221126", "2026-11-22"), ("22112026", "2026-11-22"), ("20261122", "2026-11-22"),
        ("5/10/26", "2026-10-05"), ("23/11", "too old 2025-11-23"), ("23/11/26", "future 2026-11-23"),
        ("24/8", "2026-08-24"), ("23/8", "too old 2026-08-23"), ("22/11/25", "too old 2025-11-22"),
        ("11/22/2026", "unreadable"), ("31/9", "unreadable"), ("32/10/26", "unreadable"), ("0/11", "unreadable"),
        ("29/2", "too old 2024-02-29"), ("29/2/2025", "unreadable"), ("１/１１/２６", "2026-11-01"),
        // With the month's name.
        ("22 Nov", "2026-11-22"), ("22nd November", "2026-11-22"), ("22nd of November", "2026-11-22"),
        ("Nov 22", "2026-11-22"), ("November 22nd, 2026", "2026-11-22"), ("22 nov 26", "2026-11-22"),
        ("22 Nov '26", "2026-11-22"), ("22-Nov-2026", "2026-11-22"), ("22nov", "2026-11-22"),
        ("1st october", "2026-10-01"), ("the 3rd of Oct", "2026-10-03"), ("twenty first of october", "2026-10-21"),
        ("first of november", "2026-11-01"), ("Sept 9", "2026-09-09"), ("5 march", "too old 2026-03-05"),
        ("25 Dec", "too old 2025-12-25"), ("31 Nov", "unreadable"), ("Nov 31st", "unreadable"),
        ("Sun 22 Nov 2026", "2026-11-22"), ("Friday, 20 November", "2026-11-20"), ("Fri 20/11", "2026-11-20"),
        ("Tuesday the 17th", "2026-11-17"), ("the 17th", "2026-11-17"), ("24th", "2026-10-24"),
        ("it was 20 Nov, 14:30", "2026-11-20"), ("20 Nov 14:30", "2026-11-20"),
        ("20 nov 40 minutes late", "2026-11-20"),
        // No date.
        ("", "unreadable"), ("dunno", "unreadable"), ("last week", "unreadable"), ("14:30", "unreadable"),
        ("£22.11", "unreadable"), ("the other day", "unreadable"), ("November", "unreadable"),
        ("99999999999999999999", "unreadable"), ("40", "unreadable"),
    ]

    @Test func everyDateIsRead() {
        #expect(Self.table.count >= 80)
        for (text, expected) in Self.table {
            #expect(Notation.of(Notation.dates.read(text)) == expected, "\(text)")
        }
    }

    /// "last tuesday" said on a Tuesday is a week ago; "tuesday" is today.
    @Test func weekdaysOnTheSameDay() {
        let reader = DateReader(today: Notation.date("2026-11-17"), windowDays: 90)
        #expect(reader.read("tuesday") == .value(Notation.date("2026-11-17")))
        #expect(reader.read("last tuesday") == .value(Notation.date("2026-11-10")))
    }

    /// Around the turn of a year, a date without a year is the last one.
    @Test func theYearThatIsMeant() {
        let reader = DateReader(today: Notation.date("2026-01-05"), windowDays: 90)
        #expect(reader.read("30 Dec") == .value(Notation.date("2025-12-30")))
        #expect(reader.read("5/1") == .value(Notation.date("2026-01-05")))
        #expect(reader.read("6/1") == .refused(.tooOld(Notation.date("2025-01-06"))))
        #expect(reader.read("the 31st") == .value(Notation.date("2025-12-31")))
    }

    /// The bot reads every date that it prints, in the form it shows and in the one it stores.
    @Test func printedDatesAreRead() {
        for days in 9000...22_000 {
            let date = CivilDate(daysSince1970: days)
            let reader = DateReader(today: date.adding(days: days % 91), windowDays: 90)
            let readings: Reading<CivilDate, DateReader.Refusal> =
                days % 91 < 0 ? .refused(.future(date)) : .value(date)
            for text in [date.shown, date.description, "\(date.day)/\(date.month)/\(date.year)"] {
                guard reader.read(text) == readings else {
                    Issue.record("\(text) is read as \(reader.read(text))")
                    return
                }
            }
            guard CivilDate(stored: date.description) == date else {
                Issue.record("\(date) is not what was stored")
                return
            }
        }
    }

    /// The three refusals are told apart at their borders, for every day of a year.
    @Test func theWindowIsExact() {
        for days in 0..<400 {
            let today = Notation.today.adding(days: days)
            let reader = DateReader(today: today, windowDays: 28)
            #expect(reader.read(today.shown) == .value(today))
            #expect(reader.read(today.adding(days: -28).shown) == .value(today.adding(days: -28)))
            #expect(reader.read(today.adding(days: -29).shown) == .refused(.tooOld(today.adding(days: -29))))
            #expect(reader.read(today.adding(days: 1).shown) == .refused(.future(today.adding(days: 1))))
        }
    }
}
