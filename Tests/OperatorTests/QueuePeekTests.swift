import Common
import TestSupport
import Testing

@Suite struct QueuePeekTests {
    struct Messages: Decodable {
        struct Message: Decodable {
            var messageSid: String
            var sender: String
            var kind: String?
            var ageSeconds: Int?
            var traceId: String?
            var reason: String?
            var body: String?
        }
        var messages: [Message]
        var length: Int
    }
    struct Senders: Decodable {
        struct Sender: Decodable {
            var sender: String
            var list: String
            var until: String?
            var waiting: Int
            var deliveries: Int
            var fence: Int
        }
        var senders: [Sender]
        var length: Int
    }

    @Test func messagesAreShownByTheirHeaders() async throws {
        try await withQueueFixture { fixture in
            for number in 1...3 {
                let received = Timestamp.now - .seconds(600)
                // One that carries a trace is read like the others.
                let trace = number == 2 ? TraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") : nil
                _ = try await fixture.redis(
                    "RPUSH", "{wa:0}:in",
                    .init(QueueFixture.envelope("SM\(number)", "secret words", receivedAt: received, trace: trace)))
            }
            _ = try await fixture.redis("RPUSH", "{wa:0}:stage", "nonsense")
            let run = try await fixture.run("queue", "peek", "--limit", "2")
            #expect(run.exitCode == 0, "\(run.error)")
            #expect(run.output.split(separator: "\n").count == 3)
            #expect(run.output.contains("10 min") && run.output.contains("+4477…123"))
            #expect(!run.output.contains("secret"))
            #expect(run.error.contains("the first 2 of 3"))
            let json = try await fixture.run("queue", "peek", "--json").json(Messages.self)
            #expect(json.messages.map(\.messageSid) == ["SM1", "SM2", "SM3"] && json.length == 3)
            #expect(json.messages.map(\.traceId) == [nil, "0af7651916cd43dd8448eb211c80319c", nil])
            #expect(json.messages[0].body == nil && json.messages[0].ageSeconds ?? 0 >= 600)
            let bodies = try await fixture.run("queue", "peek", "--show-body", "--json")
            #expect(try bodies.json(Messages.self).messages[0].body?.contains("secret") == true)
            #expect(bodies.error.contains("personal data"))
            let staged = try await fixture.run("queue", "peek", "--list", "stage", "--json").json(Messages.self)
            #expect(staged.messages[0].messageSid.hasPrefix("malformed:"))
            let none = try await fixture.run("queue", "peek", "--list", "dead", "--json").json(Messages.self)
            #expect(none.messages.isEmpty && none.length == 0)
        }
    }

    @Test func sendersAreShownWhereTheyStand() async throws {
        try await withQueueFixture { fixture in
            let soon = Timestamp.now.milliseconds + 90_000
            for sender in ["whatsapp:+447700900123", "whatsapp:+447700900124", "whatsapp:+447700900125"] {
                _ = try await fixture.redis(
                    "RPUSH", "{wa:0}:q:\(sender)", .init(QueueFixture.envelope("SM1", from: sender)))
            }
            _ = try await fixture.redis("RPUSH", "{wa:0}:ready", "whatsapp:+447700900123")
            _ = try await fixture.redis("ZADD", "{wa:0}:delay", .init(Int(soon)), "whatsapp:+447700900124")
            _ = try await fixture.redis("ZADD", "{wa:0}:lease", .init(Int(soon)), "whatsapp:+447700900125")
            _ = try await fixture.redis("HSET", "{wa:0}:own", "whatsapp:+447700900125", "77:3")

            for list in ["ready", "delay", "lease"] {
                let json = try await fixture.run("queue", "peek", "--list", list, "--json").json(Senders.self)
                #expect(json.length == 1 && json.senders[0].list == list && json.senders[0].waiting == 1)
                #expect(json.senders[0].until == nil || list != "ready")
                let text = try await fixture.run("queue", "peek", "--list", list).output
                #expect(text.contains("+4477…12") && (list == "ready" || text.contains("1 min")))
            }
            let leased = try await fixture.run("queue", "peek", "--list", "lease", "--json").json(Senders.self)
            #expect(leased.senders[0].fence == 77 && leased.senders[0].deliveries == 3)
            let one = try await fixture.run("queue", "peek", "--sender", "+447700900125")
            #expect(one.output.contains("in work, leased for another") && one.output.contains("SM1"))
            let idle = try await fixture.run("queue", "peek", "--sender", "+447700900129")
            #expect(idle.output.contains("idle; 0 messages"))
        }
    }

    @Test func shardsAreAsConfigured() async throws {
        try await withQueueFixture { fixture in
            _ = try await fixture.redis("RPUSH", "{wa:3}:in", .init(QueueFixture.envelope("SM1")))
            let environment = fixture.environment.merging(["QUEUE_SHARDS": "4"]) { $1 }
            let all = try await OperatorRun(["queue", "peek", "--json"], environment: environment)
            #expect(try all.json(Messages.self).length == 1)
            let other = try await OperatorRun(
                ["queue", "peek", "--shard", "2", "--json"], environment: environment)
            #expect(try other.json(Messages.self).length == 0)
            let none = try await OperatorRun(["queue", "peek", "--shard", "4"], environment: environment)
            #expect(none.exitCode == 2 && none.error.contains("QUEUE_SHARDS"))
        }
    }
}
