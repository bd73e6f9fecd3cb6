import Testing

@testable import Conversation

@Suite struct DelayReaderTests {
    static let table: [(String, String)] = [
        ("40", "40"), ("40 min", "40"), ("40 mins", "40"), ("40m", "40"), ("40 minutes late", "40"), ("40min", "40"),
        ("forty", "40"), ("forty five minutes", "45"), ("forty-five mins", "45"), ("40 late", "40"),
        ("delayed by 40", "40"), ("it was 40 minutes late", "40"), ("1h05", "65"), ("1h", "60"), ("1h 5m", "65"),
        ("1hr 5", "65"), ("1:05", "65"), ("1 hour", "60"), ("2 hours", "120"), ("2hrs", "120"),
        ("1 hour and 5 minutes", "65"), ("1 hour 5 minutes", "65"), ("an hour", "60"), ("an hour and a half", "90"),
        ("hour and a half", "90"), ("one and a half hours", "90"), ("1.5 hours", "90"), ("1½ hours", "90"),
        ("2 and a half hours", "150"), ("half an hour", "30"), ("half hour", "30"), ("¾ of an hour", "45"),
        ("three quarters of an hour", "45"), ("a quarter of an hour", "15"), ("an hour and twenty", "80"),
        ("a couple of hours", "120"), ("over two hours", "over 120"), ("more than an hour", "over 60"),
        ("60+", "over 60"),
        ("at least 45 mins", "over 45"), ("about 40 minutes", "about 40"), ("nearly an hour", "under 60"),
        ("just under 2 hours", "under 120"), ("40-45 mins", "about 40"), ("10 to 15 minutes", "about 10"),
        ("cancelled", "cancelled"), ("Canceled!", "cancelled"), ("it never came", "cancelled"),
        ("train didn't run", "cancelled"), ("cancelled, 40 minutes late in the end", "cancelled 40"),
        ("a hundred and twenty minutes", "120"), ("1440", "1440"), ("24 hours", "1440"),
        ("0", "not late"), ("on time", "not late"), ("it wasn't late", "not late"), ("25 hours", "too long"),
        ("1441", "too long"), ("999999999 hours", "too long"), ("", "unreadable"), ("late", "unreadable"),
        ("ages", "unreadable"), ("£40", "unreadable"), ("14:30", "unreadable"), ("40 minutes ago", "unreadable"),
    ]

    @Test func everyDelayIsRead() {
        #expect(Self.table.count >= 40)
        for (text, expected) in Self.table {
            #expect(Notation.of(DelayReader().read(text)) == expected, "\(text)")
        }
    }

    /// The bot reads every delay that it prints.
    @Test func printedDelaysAreRead() throws {
        for minutes in 1...1440 {
            for precision in ReportedDelay.Precision.allCases {
                for isCancelled in [false, true] {
                    let delay = try #require(
                        ReportedDelay(minutes: minutes, isCancelled: isCancelled, precision: precision))
                    #expect(DelayReader().read(delay.shown) == .value(delay), "\(delay.shown)")
                }
            }
        }
        let cancelled = try #require(ReportedDelay(minutes: nil, isCancelled: true))
        #expect(DelayReader().read(cancelled.shown) == .value(cancelled))
        #expect(ReportedDelay(minutes: nil) == nil)
        #expect(ReportedDelay(minutes: 0, isCancelled: true) == nil)
    }
}
