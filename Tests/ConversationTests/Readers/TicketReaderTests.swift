import Testing

@testable import Conversation

@Suite struct TicketReaderTests {
    @Test(arguments: [
        ("standard", "standard"), ("Standard class please", "standard"), ("std", "standard"), ("2nd", "standard"),
        ("second class", "standard"), ("first", "first"), ("1st", "first"), ("1st class", "first"), ("FIRST", "first"),
        ("normal", "standard"), ("standard premium", "standard"), ("first or standard", "first or standard"),
        ("business", "unreadable"), ("", "unreadable"),
    ])
    func everyClassIsRead(text: String, expected: String) {
        #expect(Notation.of(TicketReader().readClass(text)) == expected)
    }

    @Test(arguments: [
        ("anytime", "anytime"), ("Anytime Day Single", "anytime"), ("off-peak", "off_peak"),
        ("off peak return", "off_peak"),
        ("offpeak", "off_peak"), ("super off-peak", "super_off_peak"), ("Super Off Peak Day", "super_off_peak"),
        ("advance", "advance"), ("an advance single", "advance"), ("season", "season"), ("monthly", "season"),
        ("weekly season ticket", "season"), ("single", "anytime"), ("return", "anytime"), ("peak", "anytime"),
        ("advance or off-peak", "advance or off_peak"), ("dunno", "unreadable"), ("", "unreadable"),
    ])
    func everyTypeIsRead(text: String, expected: String) {
        #expect(Notation.of(TicketReader().readType(text)) == expected)
    }

    @Test func printedTicketsAreRead() {
        for ticketClass in TicketClass.allCases {
            #expect(TicketReader().readClass(ticketClass.shown) == .value(ticketClass))
        }
        for type in TicketType.allCases { #expect(TicketReader().readType(type.shown) == .value(type)) }
    }
}
