import Common
import Glibc
import TestSupport
import Testing

/// What operators do about messages that cannot be handled, with the built worker and the built operator.
@Suite(.serialized) struct DeadLetterSystemTests {
    let phone = "+447700900611"
    var chat: String { "whatsapp:" + phone }

    func sid(_ digit: Character) -> String { "SM" + String(repeating: digit, count: 32) }

    func sql(_ product: Product, _ text: String) async throws -> String {
        try await product.postgres.psql("SET search_path = whatsapp_handler; " + text, database: product.database)
    }

    func drained(_ product: Product) async throws {
        try await until("the queue is empty") {
            let ingress = try await product.redisCommand("LLEN", "{wa:0}:in").int
            let stage = try await product.redisCommand("LLEN", "{wa:0}:stage").int
            let owned = try await product.redisCommand("HLEN", "{wa:0}:own").int
            let leased = try await product.redisCommand("ZCARD", "{wa:0}:lease").int
            return ingress == 0 && stage == 0 && owned == 0 && leased == 0
        }
    }

    /// The database refuses one message eight times; once it does not any more, the message is replayed.
    @Test(.timeLimit(.minutes(2)))
    func aPoisonMessageDiesIsRecordedAndReplayedOnce() async throws {
        try await withProduct { product in
            let processes = try await start(product)
            _ = try await sql(
                product, "ALTER TABLE inbound_messages ADD CONSTRAINT poison CHECK (message_sid <> '\(sid("1"))')")
            try await product.say("hi", sid: sid("1"), from: phone)
            try await until("it is given up on", within: .seconds(60)) {
                // Not so long between the attempts.
                try await product.redisCommand("ZADD", "{wa:0}:delay", "XX", 1, .init(chat))
                return try await sql(product, "SELECT count(*) FROM dead_letters") == "1"
            }
            try await product.say("hello", sid: sid("2"), from: phone)
            try await until("the conversation goes on") { try await product.replies(to: chat).count == 1 }
            #expect(try await sql(product, "SELECT reason, deliveries FROM dead_letters") == "deliveries|8")
            let list = try await product.operator("dead", "list", "--json")
            #expect(list.contains(sid("1")) && list.contains(#""status":"open""#) && !list.contains("7700900611"))

            _ = try await sql(product, "ALTER TABLE inbound_messages DROP CONSTRAINT poison")
            try await product.operator("dead", "replay", "--all", "--yes")
            try await until("it is answered") { try await product.replies(to: chat).count == 2 }
            try await drained(product)
            #expect(try await product.redisCommand("LLEN", "{wa:0}:dead").int == 0)
            // As if the note that it was replayed had been lost.
            _ = try await sql(product, "UPDATE dead_letters SET replayed_at = NULL")
            let again = try await product.operator("dead", "replay", "--all", "--yes")
            #expect(again.contains("replayed 1 dead letters"))
            try await drained(product)
            let row = "SELECT count(*), count(processed_at) FROM inbound_messages WHERE message_sid = '\(sid("1"))'"
            #expect(try await sql(product, row) == "1|1")
            #expect(try await product.replies(to: chat).count == 2)
            try await stop(processes)
        }
    }

    /// A paused queue takes messages and begins none; what nobody can read is recorded and discarded.
    @Test(.timeLimit(.minutes(2)))
    func aPausedQueueKeepsMessagesAndAMalformedOneIsDiscarded() async throws {
        try await withProduct { product in
            let processes = try await start(product)
            try await product.operator("queue", "pause")
            let before = try await calls(product)
            try await product.redisCommand("RPUSH", "{wa:0}:in", "nonsense")
            #expect(try await product.say("hi", sid: sid("1"), from: phone) == 200)
            try await until("the worker has asked for work often enough") { try await calls(product) >= before + 4 }
            let stats = try await product.operator("queue", "stats", "--json")
            #expect(stats.contains(#""waiting":2"#) && stats.contains(#""paused":true"#))
            #expect(try await product.replies(to: chat).isEmpty)

            try await product.operator("queue", "resume")
            try await until("the message is answered") { try await product.replies(to: chat).count == 1 }
            try await until("the other is recorded") {
                try await sql(product, "SELECT reason FROM dead_letters") == "malformed"
            }
            let replay = try await product.operator("dead", "replay", "--all", "--yes")
            #expect(replay.contains("replayed 0") && replay.contains("1 cannot be replayed"))
            try await product.operator("dead", "discard", "--reason", "malformed", "--yes")
            #expect(try await product.redisCommand("LLEN", "{wa:0}:dead").int == 0)
            #expect(try await sql(product, "SELECT count(discarded_at) FROM dead_letters") == "1")
            try await stop(processes)
        }
    }

    /// After an outage: what was stored and never handled; and once more, because somebody asks for it.
    @Test(.timeLimit(.minutes(2)))
    func storedMessagesAreReplayed() async throws {
        try await withProduct { product in
            let processes = try await start(product)
            let form = FormParameters.encode([
                ("MessageSid", sid("3")), ("Body", "hi"), ("From", chat), ("To", Product.whatsAppNumber),
                ("AccountSid", Product.accountSID), ("ProfileName", "Ada"), ("NumMedia", "0"),
            ])
            _ = try await sql(
                product,
                """
                INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at) VALUES
                  ('\(sid("3"))', '\(chat)', 'message', '\(String(decoding: form, as: UTF8.self))', now() - interval '1 hour')
                """)
            let first = try await product.operator("replay", "--since", "2h", "--yes")
            #expect(first.contains("1 never processed"))
            try await until("it is answered") { try await product.replies(to: chat).count == 1 }
            try await drained(product)
            let nothing = try await product.operator("replay", "--since", "2h", "--yes")
            #expect(nothing.contains("replayed 0 messages"))

            let forced = try await product.operator("replay", "--since", "2h", "--force", "--yes")
            #expect(forced.contains("1 processed before, as new runs"))
            try await until("it is answered once more") { try await product.replies(to: chat).count == 2 }
            try await drained(product)
            let rows = try await sql(
                product, "SELECT message_sid FROM inbound_messages WHERE processed_at IS NOT NULL ORDER BY sequence")
            #expect(rows == "\(sid("3"))\n\(sid("3")):replay:1")
            try await stop(processes)
        }
    }

    /// How often the worker has called the queue's functions.
    private func calls(_ product: Product) async throws -> Int {
        let text = try await product.redisCommand("INFO", "commandstats").string ?? ""
        return text.firstMatch(of: /cmdstat_fcall:calls=([0-9]+)/).flatMap { Int($0.1) } ?? 0
    }

    private func start(_ product: Product) async throws -> [ServerProcess] {
        var processes: [ServerProcess] = []
        for program in [Product.Program.simulator, .ingest, .worker] {
            processes.append(try await product.start(program))
        }
        return processes
    }

    private func stop(_ processes: [ServerProcess]) async throws {
        for process in processes.reversed() { try await process.stop(SIGTERM) }
    }
}
