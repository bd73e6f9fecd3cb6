import Common
import NIOHTTP1
import TestSupport
import Testing

@testable import Simulator

@Suite struct MessageListTests {
    private func bodies(_ answer: Answer) -> [String] { answer.json["messages"].array.compactMap { $0["body"].string } }

    @Test func pagesFollowOneAnotherAndBack() async throws {
        try await withSimulator { simulator in
            for number in 1...5 { _ = try await simulator.create("\(number)") }
            let first = try await simulator.twilio(.GET, RunningSimulator.messages + "?PageSize=2")
            #expect(bodies(first) == ["5", "4"])
            #expect(first.json["page"] == 0 && first.json["page_size"] == 2 && first.json["end"] == 1)
            #expect(first.json["previous_page_uri"] == .null)
            // What comes in meanwhile does not shift the pages.
            _ = try await simulator.create("6")
            let second = try await simulator.twilio(.GET, try #require(first.json["next_page_uri"].string))
            #expect(bodies(second) == ["3", "2"])
            #expect(second.json["start"] == 2 && second.json["page"] == 1)
            let third = try await simulator.twilio(.GET, try #require(second.json["next_page_uri"].string))
            #expect(bodies(third) == ["1"])
            #expect(third.json["next_page_uri"] == .null)
            let back = try await simulator.twilio(.GET, try #require(third.json["previous_page_uri"].string))
            #expect(bodies(back) == ["3", "2"])
        }
    }

    @Test func filtersAreByEitherEnd() async throws {
        try await withSimulator { simulator in
            _ = try await simulator.create("to one")
            _ = try await simulator.create("to two", to: "whatsapp:+447700900200")
            _ = try await simulator.api(.POST, "/api/passengers/p1/messages", #"{"text":"from one"}"#)
            let path = RunningSimulator.messages
            #expect(bodies(try await simulator.twilio(.GET, path + "?To=whatsapp%3A%2B447700900200")) == ["to two"])
            let from = try await simulator.twilio(.GET, path + "?From=whatsapp%3A%2B447700900123")
            #expect(bodies(from) == ["from one"])
            #expect(from.json["messages"].array.first?["direction"] == "inbound")
            #expect(from.json["messages"].array.first?["status"] == "received")
            let both = "?To=whatsapp%3A%2B447700900123&From=\(RunningSimulator.sender.replacing("+", with: "%2B"))"
            let answer = try await simulator.twilio(.GET, path + both)
            #expect(bodies(answer) == ["to one"])
            #expect(answer.json["uri"].string?.contains("To=whatsapp%3A%2B447700900123&From=") == true)
        }
    }

    @Test func datesAreOfSending() async throws {
        try await withSimulator { simulator in
            let sid = try #require(try await simulator.create("today").json["sid"].string)
            try await until("it is sent") { await simulator.simulation.message(sid)?.sent != nil }
            let day = { (time: Timestamp) in String(time.rfc3339.prefix(10)) }
            let (today, tomorrow) = (day(.now), day(.now + .seconds(86_400)))
            func count(_ query: String) async throws -> Int {
                bodies(try await simulator.twilio(.GET, RunningSimulator.messages + query)).count
            }
            #expect(try await count("?DateSent=\(today)") == 1)
            #expect(try await count("?DateSent%3E=\(today)") == 1)
            #expect(try await count("?DateSent>=\(tomorrow)") == 0)
            #expect(try await count("?DateSent%3C=\(today)") == 1)
            #expect(try await count("?DateSent=\(tomorrow)") == 0)
            #expect(try await count("?DateSent%3E=\((Timestamp.now - .seconds(60)).rfc3339)") == 1)
            #expect(try await count("?DateSent%3E=\((Timestamp.now + .seconds(60)).rfc3339)") == 0)
            #expect(try await simulator.twilio(.GET, RunningSimulator.messages + "?DateSent=soon").status == 400)
        }
    }

    @Test func theOldestGoWhenThereAreTooMany() async throws {
        try await withSimulator {
            $0.messageLimit = 20
        } _: { simulator in
            for number in 1...25 { _ = try await simulator.create("\(number)") }
            let all = bodies(try await simulator.twilio(.GET))
            #expect(all.first == "25" && all.count <= 20 && !all.contains("1"))
            let state = try await simulator.api(.GET, "/api/state")
            #expect(state.json["trimmed"] == .integer(25 - all.count))
        }
    }
}
