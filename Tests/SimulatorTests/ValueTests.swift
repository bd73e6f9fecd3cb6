import Common
import Testing

@testable import Simulator

@Suite struct ValueTests {
    @Test func datesAreReadAsTheyAreWritten() throws {
        let time = Timestamp(seconds: 1_692_853_305)
        #expect(TwilioDate.text(time) == "Thu, 24 Aug 2023 05:01:45 +0000")
        for text in [
            "Thu, 24 Aug 2023 05:01:45 +0000", "2023-08-24 05:01:45.000", "2023-08-24T05:01:45Z", "2023-08-24 05:01:45",
        ] {
            #expect(TwilioDate.span(text)?.lowerBound == time, "\(text)")
        }
        let day = try #require(TwilioDate.span("2023-08-24"))
        #expect(day.contains(time) && day.upperBound - day.lowerBound == .seconds(86_400))
    }

    @Test(arguments: [
        "", "yesterday", "2023-13-01", "2023-08-32", "2023-08-24 25:00:00", "Thu, 24 Aug", "1-2", "2023-08",
    ])
    func whatIsNoDateIsRefused(_ text: String) {
        #expect(TwilioDate.span(text) == nil)
    }

    @Test(arguments: [
        ("", 1), (String(repeating: "a", count: 160), 1), (String(repeating: "a", count: 161), 2),
        (String(repeating: "€", count: 80), 1), (String(repeating: "€", count: 81), 2),
        (String(repeating: "ж", count: 70), 1), (String(repeating: "ж", count: 71), 2),
        (String(repeating: "😀", count: 35), 1), (String(repeating: "😀", count: 36), 2),
    ])
    func segmentsAreCountedAsOperatorsDo(_ text: String, segments: Int) {
        #expect(SMSSegments.count(text) == segments)
    }

    @Test func overridesHaveTwiliosDefaultsAndLimits() {
        let none = ConnectionOverrides(fragment: nil)
        #expect(none.retries == 1 && none.reasons == [.connect] && none.totalTimeout == .seconds(15))
        let some = ConnectionOverrides(fragment: "rc=3&rp=ct,rt,5xx&ct=2000&rt=90000&tt=5")
        #expect(some.retries == 3 && some.reasons == [.connect, .read, .serverError])
        #expect(some.connectTimeout == .seconds(2) && some.readTimeout == .seconds(15))
        #expect(some.totalTimeout == .milliseconds(100))
        #expect(ConnectionOverrides(fragment: "rc=99&rp=all&x").retries == 5)
    }

    @Test func addressesKeepWhatIsSigned() throws {
        let address = try #require(WebhookAddress("https://user:pw@Bot.example.com:8443/a//b?c=%41&d#rc=3"))
        #expect(address.url == "https://user:pw@Bot.example.com:8443/a//b?c=%41&d")
        #expect(address.path == "/a//b" && address.fragment == "rc=3")
        for text in ["", "ftp://a/b", "http://", "bot.example.com/a", "https://a b/c"] {
            #expect(WebhookAddress(text) == nil)
        }
    }

    @Test(arguments: [
        ("+447700900123", true), ("whatsapp:+447700900123", true), ("whatsapp:GB.13491208655302741918", true),
        ("whatsapp:GB.ENT.1349", true), ("GB.1349", false), ("07700900123", false), ("whatsapp:", false),
        ("+0770090012", false), ("+44 7700900123", false), ("whatsapp:gb.12", false), ("whatsapp:GB.", false),
    ])
    func addressesOfPassengers(_ text: String, isAddress: Bool) {
        #expect(CreateRequest.isAddress(text) == isAddress)
    }

    @Test func theJournalForgetsTheOldest() {
        var journal = Journal(limit: 8)
        for number in 1...20 { journal.add("message", .integer(number)) }
        guard case .entries(let news) = journal.read(after: journal.id(18)) else {
            Issue.record("lost")
            return
        }
        #expect(news.map(\.json) == ["19", "20"])
        guard case .lost = journal.read(after: journal.id(2)) else {
            Issue.record("2 is still there")
            return
        }
        guard case .entries(let none) = journal.read(after: journal.id(20)), none.isEmpty else {
            Issue.record("there is something after the last")
            return
        }
    }

    @Test func thereAreNoTwoPhonesOfOneNumber() throws {
        var book = PassengerBook()
        let first = try book.add(name: "A", number: "+447700900123", username: nil)
        #expect(throws: PassengerRefusal.self) { try book.add(name: "B", number: "+447700900123", username: nil) }
        #expect(throws: PassengerRefusal.self) { try book.add(name: "", number: "+447700900124", username: nil) }
        #expect(throws: PassengerRefusal.self) { try book.add(name: "C", number: nil, username: nil) }
        #expect(throws: PassengerRefusal.self) { try book.add(name: "C", number: "07700 900123", username: nil) }
        #expect(book.owner(of: "whatsapp:+447700900123") == first && book[id: "p1"] == first && book[id: "p2"] == nil)
    }
}
