import Testing

@testable import Conversation

@Suite struct TimeReaderTests {
    static let table: [(String, String)] = [
        // As a timetable writes it.
        ("14:30", "14:30"), ("1430", "14:30"), ("14.30", "14:30"), ("14 30", "14:30"), ("08:15", "08:15"),
        ("0815", "08:15"), ("the 0815", "08:15"), ("the 14:30 train", "14:30"), ("14:30:00", "14:30"),
        ("1430hrs", "14:30"), ("14:30 hrs", "14:30"), ("00:05", "00:05"), ("0:05", "00:05"), ("23:59", "23:59"),
        ("10:15", "10:15"), ("12:00", "12:00"), ("１４：３０", "14:30"), ("14h30", "14:30"), ("14;30", "14:30"),
        ("14", "14:00"), ("0005", "00:05"),
        // With the half of the day.
        ("2:30pm", "14:30"), ("2pm", "14:00"), ("2 pm", "14:00"), ("2 p.m.", "14:00"), ("2.30 PM", "14:30"),
        ("230pm", "14:30"), ("8am", "08:00"), ("8:15am", "08:15"), ("12am", "00:00"), ("12pm", "12:00"),
        ("12:30am", "00:30"), ("12.30pm", "12:30"), ("14:30pm", "14:30"), ("8 in the morning", "08:00"),
        ("half past two in the afternoon", "14:30"), ("half 7 this evening", "19:30"), ("at 10 at night", "22:00"),
        ("half twelve at night", "00:30"), ("2:30 tonight", "14:30"), ("eleven am", "11:00"),
        // In words.
        ("half past two", "02:30 or 14:30"), ("half two", "02:30 or 14:30"), ("half 2", "02:30 or 14:30"),
        ("quarter to 9", "08:45 or 20:45"), ("a quarter past nine", "09:15 or 21:15"),
        ("ten to three pm", "14:50"), ("twenty five past six", "06:25 or 18:25"), ("5 past 11 am", "11:05"),
        ("noon", "12:00"), ("midday", "12:00"), ("midnight", "00:00"), ("12 noon", "12:00"),
        ("quarter to midnight", "23:45"), ("ten past midnight", "00:10"), ("two o'clock", "02:00 or 14:00"),
        ("ten thirty", "10:30 or 22:30"), ("fourteen fifteen", "14:15"), ("eight oh five am", "08:05"),
        ("quarter to one", "00:45 or 12:45"), ("half past 14", "14:30"), ("quarter to one pm", "12:45"),
        // Which half of the day is not said.
        ("2:30", "02:30 or 14:30"), ("8.15", "08:15 or 20:15"), ("815", "08:15 or 20:15"), ("at 8", "08:00 or 20:00"),
        ("8", "08:00 or 20:00"), ("12", "00:00 or 12:00"),
        // None.
        ("", "unreadable"), ("25:00", "unreadable"), ("14:60", "unreadable"), ("24:00", "unreadable"),
        ("2460", "unreadable"), ("13am", "unreadable"), ("14:30am", "unreadable"), ("soon", "unreadable"),
        ("£14.30", "unreadable"), ("40 minutes", "unreadable"), ("half an hour", "unreadable"),
        ("99999999999999999999:30", "unreadable"),
    ]

    @Test func everyTimeIsRead() {
        #expect(Self.table.count >= 60)
        for (text, expected) in Self.table {
            #expect(Notation.of(TimeReader().read(text)) == expected, "\(text)")
        }
    }

    /// The answers to "morning or afternoon?".
    @Test(arguments: [
        ("am", "08:00"), ("PM please", "20:00"), ("in the morning", "08:00"), ("evening", "20:00"), ("night", "20:00"),
        ("1", "08:00"), ("the second", "08:00 or 20:00"), ("second", "20:00"), ("8pm", "20:00"), ("20:00", "20:00"),
        ("dunno", "08:00 or 20:00"), ("09:15", "09:15"), ("at 9", "09:00 or 21:00"), ("at 8", "08:00 or 20:00"),
    ])
    func oneOfTwoIsChosen(text: String, expected: String) throws {
        let choices = [8, 20].compactMap { CivilTime(hour: $0, minute: 0) }
        #expect(Notation.of(TimeReader().read(text, choosingFrom: choices)) == expected)
    }

    /// The bot reads every time that it prints, and every usual form of it means the same.
    @Test func printedTimesAreRead() {
        for minutes in 0..<1440 {
            let time = CivilTime(minutesAfterMidnight: minutes)
            let half = time.hour < 12 ? "am" : "pm"
            let hour = time.hour % 12 == 0 ? 12 : time.hour % 12
            let minute = padded(time.minute, to: 2)
            for text in [
                time.shown, "the \(time)", time.shown.replacing(":", with: ""), time.shown.replacing(":", with: "."),
                "\(hour):\(minute)\(half)", "\(hour).\(minute) \(half)", "\(hour):\(minute) \(half.uppercased())",
            ] {
                #expect(TimeReader().read(text) == .value(time), "\(text)")
            }
            #expect(CivilTime(stored: time.description) == time)
        }
    }
}
