import Common
import TestSupport
import Testing

@Suite struct OutboxVerifyTests {
    private func verify(_ fixture: OutboxFixture, _ arguments: String..., exit: Int32 = 0) async throws -> VerifyReport
    {
        let run = try await OperatorRun(["outbox", "verify", "--json"] + arguments, environment: fixture.environment)
        #expect(run.exitCode == exit, "\(run.output)\(run.error)")
        return try run.json(VerifyReport.self)
    }

    @Test func differencesAreToldApart() async throws {
        try await withOutboxFixture { fixture in
            let early = try await fixture.outbox("verify")
            #expect(early.exitCode == 1 && early.error.contains("No sink is called"))
            try await fixture.publish(60)
            let good = try await verify(fixture)
            #expect(good.events == 60 && good.present == 60 && good.found.isEmpty)
            // What is not published yet is no loss.
            try await fixture.append(5)
            let pending = try await verify(fixture)
            #expect(pending.events == 60 && pending.found.isEmpty)

            // Trimmed from the beginning, as XADD MAXLEN does it.
            _ = try await fixture.queue.redis("XTRIM", .text(OutboxFixture.stream), "MAXLEN", "40")
            let trimmed = try await verify(fixture)
            #expect(trimmed.trimmed == 20 && trimmed.present == 40 && trimmed.found.isEmpty)
            let text = try await fixture.outbox("verify")
            #expect(text.exitCode == 0 && text.output.contains("log and stream agree"))

            // One gone from the middle is a loss: a later one of its shard is there.
            let entries = try await fixture.entries()
            let middle = entries[3]
            _ = try await fixture.queue.redis("XDEL", .text(OutboxFixture.stream), .text(middle["place"] ?? ""))
            let lost = try await verify(fixture, exit: 1)
            #expect(lost.found == ["lost": 1], "\(lost)")
            #expect(lost.differences["lost"]?.first.first?.contains("sequence \(middle["seq"] ?? "?") ") == true)

            // Put back at the end it is there, but late.
            func add(_ entry: [String: String], id: String? = nil, replay: Bool = false) async throws {
                var words: [RedisArgument] = [.text(OutboxFixture.stream), "*"]
                for (name, value) in entry where name != "place" {
                    words += [.text(name), .text(name == "id" ? id ?? value : value)]
                }
                if replay { words += ["replay", "true"] }
                _ = try await fixture.queue.client.send(RedisCommand("XADD", words))
            }
            try await add(middle)
            let late = try await verify(fixture, exit: 1)
            #expect(late.found == ["out_of_order": 1])
            let last = try #require(entries.last)
            try await add(last)
            try await add(last, replay: true)
            try await add(last, id: "0199d2c4-8a51-7c3e-9f60-2b8f4a6d1e07")
            let more = try await verify(fixture, exit: 1)
            #expect(more.found == ["out_of_order": 1, "twice": 1, "unknown": 1] && more.replays == 1)
            let words = try await fixture.outbox("verify")
            #expect(
                words.exitCode == 1 && words.output.contains("3 differences") && words.output.contains("out of order:"))

            // Parked ones are not in the stream, and that is known.
            _ = try await fixture.queue.redis("DEL", .text(OutboxFixture.stream))
            let sequences = (1...60).map(String.init).joined(separator: ",")
            try await fixture.park(sequences, state: "retry")
            let parked = try await verify(fixture)
            #expect(parked.parked == 60 && parked.found.isEmpty)
            _ = try await fixture.sql("DELETE FROM outbox_parked")
            let empty = try await verify(fixture, exit: 1)
            #expect(empty.found == ["lost": 60])
            let none = try await verify(fixture, "--since", "0s")
            #expect(none.events == 0)
        }
    }
}
