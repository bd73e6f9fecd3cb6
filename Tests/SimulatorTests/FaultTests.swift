import Common
import NIOHTTP1
import TestSupport
import Testing

@testable import Simulator

@Suite struct FaultTests {
    private func count(_ simulator: RunningSimulator) async throws -> Int {
        try await simulator.twilio(.GET).json["messages"].array.count
    }

    @Test func refusalsAreAsManyAsAskedFor() async throws {
        try await withSimulator { simulator in
            let json = #"{"kind":"tooManyRequests","times":2,"retryAfter":7}"#
            #expect(try await simulator.api(.POST, "/api/faults", json).status == 201)
            #expect(try await simulator.api(.POST, "/api/faults", #"{"kind":"unavailable"}"#).status == 201)
            for _ in 1...2 {
                let answer = try await simulator.create()
                #expect(answer.status == 429 && answer.json["code"] == 20429)
                #expect(answer.response.headers.first(name: "Retry-After") == "7")
            }
            #expect(try await simulator.create().status == 503)
            #expect(try await count(simulator) == 0)
            #expect(try await simulator.create().status == 201)
            #expect(try await simulator.api(.GET, "/api/faults").json == .array([]))
        }
    }

    @Test func anErrorMayHaveTakenTheMessage() async throws {
        try await withSimulator { simulator in
            _ = try await simulator.api(.POST, "/api/faults", #"{"kind":"serverError","accepts":true}"#)
            #expect(try await simulator.create().status == 500)
            #expect(try await count(simulator) == 1)
        }
    }

    @Test func aLostAnswerMeansAnUnknownOutcome() async throws {
        try await withSimulator { simulator in
            _ = try await simulator.api(.POST, "/api/faults", #"{"kind":"reset"}"#)
            let error = await #expect(throws: HTTPError.self) { try await simulator.create() }
            #expect(error?.isProvablyNotSent == false)
            #expect(try await count(simulator) == 1)
        }
    }

    @Test func anAnswerMayComeLate() async throws {
        try await withSimulator { simulator in
            _ = try await simulator.api(.POST, "/api/faults", #"{"kind":"hang","seconds":1}"#)
            let start = ContinuousClock.now
            #expect(try await simulator.create().status == 201)
            #expect(.now - start >= .seconds(1))
        }
    }

    @Test func faultsAreForgottenOnRequest() async throws {
        try await withSimulator { simulator in
            _ = try await simulator.api(.POST, "/api/faults", #"{"kind":"hang","times":100}"#)
            #expect(try await simulator.api(.POST, "/api/faults", #"{"kind":"earthquake"}"#).status == 400)
            #expect(try await simulator.api(.DELETE, "/api/faults").status == 200)
            #expect(try await simulator.create().status == 201)
        }
    }
}
