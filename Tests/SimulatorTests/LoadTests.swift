import Common
import NIOHTTP1
import TestSupport
import Testing

@testable import Simulator

@Suite struct LoadTests {
    private func plan(
        passengers: Int = 7, rate: Double = 100, messages: Int = 70, seed: UInt64 = 5
    ) throws -> LoadPlan {
        try #require(LoadPlan(passengers: passengers, rate: rate, messages: messages, seed: seed))
    }

    // MARK: Plans

    @Test func theSameSeedIsTheSameLoad() throws {
        let (one, same, other) = (try plan(), try plan(), try plan(seed: 6))
        func words(_ plan: LoadPlan) -> [String] {
            (0..<plan.messages).map {
                "\(plan.sid(of: $0)) \(plan.address(of: plan.passenger(of: $0))) \(plan.text(of: $0))"
            }
        }
        #expect(words(one) == words(same))
        #expect(Set(words(one)).isDisjoint(with: words(other)))
        #expect(Set(words(one)).count == 70)
    }

    @Test func everybodyWritesOnceBeforeAnybodyWritesAgain() throws {
        let plan = try plan()
        for turn in 0..<10 {
            let writers = Set((0..<7).map { plan.passenger(of: turn * 7 + $0) })
            #expect(writers == Set(0..<7))
        }
    }

    @Test func timesCountFromWhenAMessageWasDue() throws {
        let plan = try plan()
        let start = Timestamp.now
        var run = LoadRun(plan, at: start)
        // All of them a second late: as if the service, or the generator, had stood still.
        for _ in 0..<3 { run.begin(at: start + .seconds(1)) }
        for index in 0..<3 {
            run.end(index, WebhookSender.Delivery(status: 200, tries: 1), at: start + .seconds(1))
            run.answered(plan.address(of: plan.passenger(of: index)), at: start + .seconds(1))
        }
        #expect(run.json["replyMicroseconds"]?["max"] == 1_000_000)
        #expect(run.json["webhookMicroseconds"]?["count"] == 3)
        #expect(plan.time(of: 2) == .milliseconds(20))
    }

    @Test func everyMessageHasAnAnswerOfItsOwn() throws {
        let plan = try plan(passengers: 1)
        let start = Timestamp.now
        var run = LoadRun(plan, at: start)
        for index in 0..<4 { run.begin(at: start + plan.time(of: index)) }
        // The first is refused, and has no answer; the others have theirs late, one after the other.
        run.end(0, WebhookSender.Delivery(status: 503, tries: 1), at: start)
        for index in 1..<4 {
            run.answered(plan.address(of: 0), at: start + plan.time(of: index) + .seconds(index))
        }
        run.answered(plan.address(of: 0), at: start + .seconds(9))
        #expect(run.json["replyMicroseconds"]?["count"] == 3)
        #expect(run.json["replyMicroseconds"]?["max"] == 3_000_000)
    }

    @Test func anAddressTellsItsPassenger() throws {
        let plan = try plan()
        #expect(plan.address(of: 6) == "whatsapp:+9990005000006")
        #expect(plan.passenger(at: plan.address(of: 6)) == 6)
        #expect(plan.passenger(at: "whatsapp:+9990005000007") == nil)
        #expect(plan.passenger(at: "whatsapp:+9990006000001") == nil)
        #expect(CreateRequest.isAddress(plan.address(of: 6)))
    }

    @Test func messagesAreDueInTime() throws {
        let plan = try plan(rate: 100, messages: 70)
        #expect(plan.due(after: .zero) == 1)
        #expect(plan.due(after: .milliseconds(95)) == 10)
        #expect(plan.due(after: .seconds(60)) == 70)
        #expect(LoadPlan(passengers: 0, rate: 1, messages: 1, seed: 0) == nil)
        #expect(LoadPlan(passengers: 1, rate: 0, messages: 1, seed: 0) == nil)
        #expect(LoadPlan(passengers: 1, rate: 1, messages: LoadPlan.mostMessages + 1, seed: 0) == nil)
    }

    // MARK: Counting

    @Test(arguments: [1, 31, 32, 33, 1000, 123_456, 40_000_000])
    func aPercentileIsWithinThreePerCent(microseconds: Int) {
        var latencies = Latencies()
        for _ in 0..<99 { latencies.add(.microseconds(microseconds)) }
        latencies.add(.microseconds(microseconds * 2))
        let half = latencies.percentile(0.5)
        #expect(half >= microseconds && Double(half) <= Double(microseconds) * 1.032)
        #expect(latencies.percentile(0.99) == half)
        #expect(latencies.percentile(1) == microseconds * 2)
        #expect(Latencies().percentile(0.5) == 0)
    }

    @Test func eachReplyIsCountedByItsID() throws {
        var tally = ReplyTally()
        let ids = (0..<3).map { _ in UUID.random() }
        for id in [ids[0], ids[1], ids[0], ids[2], ids[0]] {
            tally.add(callback: "https://bot.example.com/webhook/twilio/status?m=\(id)&a=1", at: .now)
        }
        tally.add(callback: nil, at: .now)
        tally.add(callback: "https://bot.example.com/status?a=1", at: .now)
        #expect(tally.created == 7 && tally.untold == 2 && tally.repeated == 1 && tally.entries.count == 3)
        let known = try #require(ReplyTally.ID(callback: "https://x/?a=1&m=\(ids[0])"))
        #expect(tally.entries[known]?.times == 3 && tally.entries[known]?.place == 1)
        #expect(known.text == ids[0].bytes.hex)
    }

    // MARK: Running

    @Test func aLoadIsSignedAndCountedAndInTheList() async throws {
        try await withSimulator { simulator in
            simulator.service.answer(503, 429)
            let asked = #"{"passengers": 5, "rate": 500, "messages": 40, "seed": 3}"#
            #expect(try await simulator.api(.POST, "/api/load", asked).status == 201)
            try await finished(simulator)
            let webhooks = simulator.service.webhooks
            #expect(webhooks.count == 40)
            #expect(webhooks.allSatisfy { $0.refusal() == nil })
            let load = try await simulator.api(.GET, "/api/load").json["load"]
            #expect(load["sent"] == 40 && load["accepted"] == 38)
            #expect(load["notAccepted"]["503"] == 1 && load["notAccepted"]["429"] == 1)
            #expect(load["webhookMicroseconds"]["count"] == 38)
            let list = try await simulator.twilio(.GET, RunningSimulator.messages + "?PageSize=100")
            #expect(list.json["messages"].array.count == 40, "what was not accepted is in the list all the same")
            let state = try await simulator.api(.GET, "/api/state").json
            #expect(state["passengers"].array.count == 1 && state["messages"] == .array([]), "nobody on the page")
        }
    }

    @Test func theLedgerHasEveryMessageAndReply() async throws {
        try await withSimulator { simulator in
            simulator.service.answer(503)
            let asked = #"{"passengers": 2, "rate": 1000, "messages": 4, "seed": 8}"#
            _ = try await simulator.api(.POST, "/api/load", asked)
            try await finished(simulator)
            let id = UUID.random()
            for _ in 0..<3 {
                let callback = RunningSimulator.publicBase + "/webhook/twilio/status?m=\(id)&a=1"
                let created = try await simulator.create(to: "whatsapp:+9990008000001", callback: callback)
                #expect(created.status == 201)
            }
            let text = try await simulator.api(.GET, "/api/load/ledger").response.text
            let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(lines.filter { $0[0] == "m" }.count == 4)
            #expect(lines.filter { $0[0] == "m" && $0[5] == "200" }.count == 3)
            #expect(lines.allSatisfy { $0[0] == "r" || $0[3] <= $0[4] })
            #expect(lines.last.map { $0.dropLast() } == ["r", id.bytes.hex, "3", "1"])
            let report = try await simulator.api(.GET, "/api/load").json
            #expect(report["load"]["replyMicroseconds"]["count"] == 2, "the third is no answer to anything")
            #expect(report["replies"]["repeated"] == 1)
        }
    }

    @Test func oneLoadRunsAtATimeAndCanBeStopped() async throws {
        try await withSimulator { simulator in
            let asked = #"{"passengers": 5, "rate": 50, "seconds": 600}"#
            #expect(try await simulator.api(.POST, "/api/load", asked).status == 201)
            #expect(try await simulator.api(.POST, "/api/load", asked).status == 409)
            #expect(try await simulator.api(.DELETE, "/api/load").status == 200)
            try await finished(simulator)
            #expect(try await simulator.api(.POST, "/api/load", #"{"passengers": 5, "rate": 50}"#).status == 400)
            let other = try await simulator.api(
                .GET, "/api/load", headers: ["Host": "elsewhere.example.com"])
            #expect(other.status == 403)
            #expect(try await simulator.api(.POST, "/api/load", asked).status == 201)
        }
    }

    private func finished(_ simulator: RunningSimulator) async throws {
        try await until("the load is over") {
            let load = try await simulator.api(.GET, "/api/load").json["load"]
            return load["isRunning"] == .bool(false) && load["underWay"] == 0
        }
    }
}
