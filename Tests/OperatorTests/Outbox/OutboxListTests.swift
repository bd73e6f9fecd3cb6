import Common
import TestSupport
import Testing

@Suite struct OutboxListTests {
    struct Report: Decodable {
        struct Event: Decodable {
            var sequence: Int
            var id: String
            var type: String
            var key: String
            var sinks: [String: String]
        }
        var events: [Event]
        var more: Bool
        var sequences: [Int] { events.map(\.sequence) }
    }
    struct Parked: Decodable {
        var retried: Int?
        var discarded: Int?
        var parked: Int
        var dead: Int
        var keys: Int
    }

    @Test func listSelectsByTimeKeyTypeAndState() async throws {
        try await withOutboxFixture { fixture in
            try await fixture.publish(6)
            try await fixture.append(2, type: .userVerified, users: [fixture.users[0]])
            try await fixture.park("2", state: "retry")
            try await fixture.park("5", state: "dead")
            func list(_ arguments: String...) async throws -> Report {
                let run = try await OperatorRun(
                    ["outbox", "list", "--json"] + arguments, environment: fixture.environment)
                #expect(run.exitCode == 0, "\(run.error)")
                return try run.json(Report.self)
            }
            let all = try await list()
            #expect(all.sequences == Array(1...8) && !all.more)
            let states = all.events.map { $0.sinks["redis"] ?? "" }
            #expect(
                states == [
                    "published", "parked", "published", "published", "dead", "published", "pending", "pending",
                ])
            let first = try await list("--limit", "3")
            #expect(first.sequences == [1, 2, 3] && first.more)
            let key = try await list("--key", fixture.users[0].description)
            #expect(key.sequences == [1, 7, 8])
            let typed = try await list("--type", "user.verified", "--key", fixture.users[0].description)
            #expect(typed.sequences == [7, 8])
            let named = try await list("--id", all.events[2].id)
            #expect(named.sequences == [3])
            let pending = try await list("--state", "pending", "--sink", "redis")
            #expect(pending.sequences == [7, 8])
            let dead = try await list("--state", "dead")
            #expect(dead.sequences == [5])
            let early = try await list("--until", "1h")
            #expect(early.events.isEmpty)
            let late = try await list("--since", "1h", "--state", "parked")
            #expect(late.sequences == [2])

            // What the log has dropped is listed for as long as it is parked.
            _ = try await fixture.sql("DELETE FROM outbox_events WHERE sequence = 5")
            let kept = try await list("--state", "dead", "--type", "user.opted_in", "--since", "1h")
            #expect(kept.sequences == [5] && kept.events.first?.sinks == ["redis": "dead"])
            #expect(kept.events.first?.key == fixture.users[4].description)

            let text = try await fixture.outbox("list")
            #expect(text.output.contains("redis pending") && !text.output.contains("7700900123"))
            let shown = try await fixture.outbox("list", "--show-payload", "--limit", "1")
            #expect(shown.output.contains("+447700900123") && shown.error.contains("personal"))
            let none = try await fixture.outbox("list", "--until", "1h")
            #expect(none.output == "no events\n")
            let nowhere = try await fixture.outbox("list", "--sink", "kafkaesque")
            #expect(nowhere.exitCode == 1 && nowhere.error.contains("known are: redis"))
        }
    }

    @Test func retryAndDiscardTakeWhatTheyAreTold() async throws {
        try await withOutboxFixture { fixture in
            try await fixture.publish(12)
            try await fixture.park("1, 2", state: "retry")
            try await fixture.park("7", state: "blocked")
            try await fixture.park("3, 4", state: "dead")
            let due = "outbox_parked WHERE next_attempt_at <= now()"
            let unsaid = try await fixture.outbox("retry", "--sink", "redis", "--yes")
            #expect(unsaid.exitCode == 2 && unsaid.error.contains("--all"))
            let dry = try await fixture.outbox("retry", "--sink", "redis", "--all", "--dry-run", "--json")
                .json(Parked.self)
            #expect(dry.retried == 5 && dry.parked == 3 && dry.dead == 2 && dry.keys == 4)
            #expect(try await fixture.count(due) == 0)

            let dead = try await fixture.outbox(
                "retry", "--sink", "redis", "--state", "dead", "--all", "--yes", "--json"
            )
            .json(Parked.self)
            #expect(dead.retried == 2)
            #expect(try await fixture.count(due + " AND state = 'retry' AND attempts = 0") == 2)
            let key = fixture.users[0].description
            let one = try await fixture.outbox("retry", "--sink", "redis", "--key", key, "--yes")
            #expect(one.exitCode == 0 && one.output.contains("retried 2 events (2 parked, 0 dead) of 1 keys"))
            // A blocked one stays behind the one it waits for, and keeps its count of tries.
            #expect(try await fixture.count(due + " AND state = 'blocked' AND attempts = 7 AND sequence = 7") == 1)

            let look = try await fixture.outbox("discard", "--sink", "redis", "--all", "--dry-run")
            #expect(look.output.contains("would have discarded 5"))
            #expect(try await fixture.count("outbox_parked") == 5)
            let gone = try await fixture.outbox("discard", "--sink", "redis", "--key", key, "--yes", "--json")
                .json(Parked.self)
            #expect(gone.discarded == 2)
            #expect(try await fixture.count("outbox_parked") == 3)
        }
    }
}
