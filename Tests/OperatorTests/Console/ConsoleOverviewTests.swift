import Common
import Glibc
import TestSupport
import Testing

@testable import Operator

/// The overview and the outbox, with a real Redis and Postgres that come and go.
@Suite struct ConsoleOverviewTests {
    private func live(_ visitor: ConsoleVisitor) async throws -> String {
        let answer = try await visitor.get("/live.json")
        guard answer.status == 200, let value = JSONValue(parsing: answer.body) else { return "" }
        return ["attention", "figures", "queue", "workers", "sinks", "control"]
            .compactMap { value["parts"]?[$0]?.string }.joined()
    }

    @Test(.timeLimit(.minutes(2)))
    func figuresFollowTheQueueAndWorkersAreSeen() async throws {
        try await withConsole { console in
            let visitor = console.visitor()
            let before = try await live(visitor)
            #expect(before.contains(#"data-testid="figure-waiting">0<"#) && before.contains("No worker gives a sign"))
            _ = try await console.queue.redis("RPUSH", "{wa:0}:in", .init(QueueFixture.envelope("SM1")))
            let registry = WorkerRegistry(redis: console.queue.client)
            let sign = WorkerSign(
                id: .random(), host: "<machine>", pid: 7, version: "1.2.3", startedAt: .now, inHand: 3, places: 32,
                breaker: .open)
            try await registry.beat(sign)
            let after = try await live(visitor)
            #expect(
                after.contains(#"data-testid="figure-waiting">1<"#) && after.contains(#"data-testid="depth-in">1<"#))
            #expect(after.contains("3 of 32") && after.contains("&lt;machine&gt;") && !after.contains("<machine>"))
            #expect(after.contains("1 of 1 worker cannot reach Twilio"))
            let stats = try await console.queue.run("queue", "stats")
            #expect(stats.output.contains("workers: 1 alive, 3 of 32 places taken, 1 cannot reach Twilio"))

            // One that says good-bye is not missed; one that falls silent is.
            try await registry.beat(
                WorkerSign(
                    id: .random(), host: "other", pid: 8, version: "1", startedAt: .now, inHand: 0, places: 1,
                    breaker: .closed))
            try await registry.leave(sign.id)
            let keys = try await console.queue.redis("KEYS", "{wa:workers}:*").array?.compactMap(\.string) ?? []
            #expect(keys.count == 1)
            for key in keys { _ = try await console.queue.redis("DEL", .init(key)) }
            let silent = try await live(visitor)
            #expect(silent.contains("1 worker fell silent") && !silent.contains("machine"))
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func serversThatAreAwayAreToldOfAndComeBack() async throws {
        try await withConsole { console in
            let visitor = console.visitor()
            #expect(try await visitor.get("/").text.contains("figure-waiting"))
            // Servers that hang hold nothing up for long.
            await console.queue.redis.process.send(SIGSTOP)
            await console.queue.postgres.process.send(SIGSTOP)
            try await until("it says so") {
                let now = try await live(visitor)
                return now.contains("Redis cannot be reached") && now.contains("The database cannot be reached")
            }
            await console.queue.redis.process.send(SIGCONT)
            await console.queue.postgres.process.send(SIGCONT)
            try await until("it goes on") { try await !live(visitor).contains("cannot be reached") }
            try await console.queue.redis.kill()
            try await until("it says so") { try await live(visitor).contains("Redis cannot be reached") }
            #expect(try await visitor.get("/").status == 200)
            try await console.queue.redis.start()
            try await until("it goes on") {
                let now = try await live(visitor)
                return !now.contains("Redis cannot") && now.contains(#"figure-waiting">0<"#)
            }
            try await console.queue.postgres.kill()
            try await until("it says so") { try await live(visitor).contains("The database cannot be reached") }
            let dead = try await visitor.get("/dead")
            #expect(dead.status == 503 && dead.text.contains("cannot be reached") && dead.text.contains("Try again"))
            try await console.queue.postgres.start()
            try await until("it goes on") { try await visitor.get("/dead").status == 200 }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func refusedEventsAreRetriedAndDiscarded() async throws {
        try await withConsole { console in
            _ = try await console.queue.sql(
                """
                SELECT outbox_register_sink('webhook');
                INSERT INTO outbox_parked (sink, sequence, shard, ordering_key, event, state, attempts, next_attempt_at,
                                           last_status, last_error)
                SELECT 'webhook', n, 0, 'user-' || n,
                       jsonb_build_object('id', gen_random_uuid(), 'event_type', 'user.opted_in',
                                          'payload', jsonb_build_object('phone_number', '+447700900123')),
                       CASE WHEN n = 1 THEN 'dead' ELSE 'retry' END, 5, now() + interval '1 hour', 503, '<b>busy</b>'
                  FROM generate_series(1, 3) n
                """)
            let visitor = console.visitor()
            let page = try await visitor.get("/outbox").text
            #expect(page.contains("&lt;b&gt;busy&lt;/b&gt;") && page.contains("user.opted_in") && page.contains("503"))
            #expect(!page.contains("7700900123") && page.contains(#"data-testid="parked-webhook">2<"#))
            #expect(
                try await visitor.post("/outbox/confirm", [("sink", "webhook"), ("do", "discard")]).text.contains(
                    "No event is selected"))

            let (question, retried) = try await visitor.confirm("/outbox", [("sink", "webhook"), ("do", "retry-dead")])
            #expect(question.contains("Retry 1 event of webhook?"))
            #expect(retried.contains("1 event of webhook will be tried again now."))
            let due =
                "SELECT sequence FROM outbox_parked WHERE state = 'retry' AND attempts = 0 AND next_attempt_at <= now()"
            #expect(try await console.queue.sql(due) == "1")

            let id = try await console.queue.sql("SELECT event->>'id' FROM outbox_parked WHERE sequence = 2")
            let (asked, gone) = try await visitor.confirm(
                "/outbox", [("sink", "webhook"), ("do", "discard"), ("id", id)])
            #expect(asked.contains("Discard 1 event of webhook?") && gone.contains("Discarded 1 event of webhook."))
            #expect(
                try await console.queue.sql(
                    "SELECT string_agg(sequence::text, ',' ORDER BY sequence) FROM outbox_parked") == "1,3")
            #expect(console.lines("discarded refused events").count == 1)
            // More of them by the time the answer comes: asked again.
            let late = try await visitor.post(
                "/outbox/discard", [("sink", "webhook"), ("do", "discard-all"), ("most", "1")])
            #expect(late.text.contains("Discard 2 events of webhook?"))
            #expect(try await console.queue.sql("SELECT count(*) FROM outbox_parked") == "2")

            let other = try await visitor.post("/outbox/confirm", [("sink", "nobody"), ("do", "retry-all")])
            #expect(other.status == 503 && other.text.contains("No sink is called"))
        }
    }
}
