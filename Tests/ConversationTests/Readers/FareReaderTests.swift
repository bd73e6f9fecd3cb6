import Testing

@testable import Conversation

@Suite struct FareReaderTests {
    static let table: [(String, String)] = [
        ("£12.50", "1250"), ("12.50", "1250"), ("£12", "1200"), ("12", "1200"), ("£ 12.50", "1250"),
        ("12 quid", "1200"), ("1250p", "1250"), ("99p", "99"), ("1250 pence", "1250"), ("twelve pounds", "1200"),
        ("12 pounds 50", "1250"), ("twelve pounds fifty", "1250"), ("12 pounds and 50p", "1250"),
        ("twelve fifty", "1250"), ("12.5", "1250"), ("£12,50", "1250"), ("12.50 pounds", "1250"), ("GBP 12.50", "1250"),
        ("12.50gbp", "1250"), ("a tenner", "1000"), ("it cost 45", "4500"), ("it was £45.60 each way", "4560"),
        ("I paid £7", "700"), ("a hundred pounds", "10000"), ("hundred and twenty quid", "12000"), ("£1000", "100000"),
        ("£1,000.00", "100000"), ("￡12.50", "1250"), ("£0.01", "1"), ("£1000.01", "out of range"),
        ("£1,250", "out of range"), ("1250", "out of range"), ("£0", "out of range"), ("0", "out of range"),
        ("-5", "out of range"), ("£-5", "out of range"), ("£12.505", "unreadable"), ("", "unreadable"),
        ("€12", "unreadable"), ("free", "unreadable"), ("£", "unreadable"), ("40 minutes", "unreadable"),
        ("£999999999999999999999", "unreadable"),
    ]

    @Test func everyFareIsRead() {
        #expect(Self.table.count >= 30)
        for (text, expected) in Self.table {
            #expect(Notation.of(FareReader().read(text)) == expected, "\(text)")
        }
    }

    /// The bot reads every fare that it prints, and the numbers without the sign when it asked.
    @Test func printedFaresAreRead() throws {
        for pence in 1...100_000 where pence < 3000 || pence % 37 == 0 || pence > 99_900 {
            let fare = try #require(Fare(pence: pence))
            let plain = String(fare.shown.dropFirst())
            for text in [fare.shown, plain, "\(pence)p"] where FareReader().read(text) != .value(fare) {
                Issue.record("\(text) is read as \(FareReader().read(text))")
            }
        }
        #expect(Fare(pence: 0) == nil)
        #expect(Fare(pence: 100_001) == nil)
    }
}
