import Common
import Glibc
import TestSupport
import Testing

/// Every log line, row, event and reply of a conversation leads to all the others, through the built processes.
@Suite(.serialized) struct CorrelationSystemTests {
    private static let phone = "+447700900717"
    private var chat: String { "whatsapp:" + Self.phone }

    /// Lines that are about the process and no message; a new line that has no correlation id must be put here, or get one.
    private static let linesOfProcesses: Set<String> = [
        "starting", "listening", "stopping", "stopped", "connected to the database", "redis is connected",
        "a new sink begins with the oldest event that is kept", "shards claimed", "shards given to other relays",
        "recorded dead letters: see operator dead list",
    ]

    private func sid(_ number: Int) -> String {
        let digits = String(number)
        return "SM" + String(repeating: "0", count: 32 - digits.count) + digits
    }

    private func sql(_ product: Product, _ text: String) async throws -> String {
        try await product.postgres.psql("SET search_path = whatsapp_handler; " + text, database: product.database)
    }

    private func answered(_ number: Int, _ product: Product) async throws {
        try await until("message \(number) is answered", within: .seconds(30)) {
            try await sql(
                product,
                "SELECT count(*) FROM outbound_messages WHERE in_reply_to = '\(sid(number))' AND state <> 'sending'")
                != "0"
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func oneIDLeadsToTheWholeConversation() async throws {
        try await withProduct { product in
            var processes: [ServerProcess] = []
            for program in [Product.Program.simulator, .ingest, .worker, .relay] {
                processes.append(try await product.start(program, ["LOG_LEVEL": "debug"]))
            }
            for (index, text) in ["hi", "YES", "000000", "help"].enumerated() {
                #expect(try await product.say(text, sid: sid(index + 1), from: Self.phone) == 200)
                try await answered(index + 1, product)
            }
            // A reply that fails later is told of under the id of the message that it answers.
            try await product.fault(#"{"kind": "undelivered", "errorCode": 63024}"#)
            try await product.say("help", sid: sid(5), from: Self.phone)
            try await until("it is told to others", within: .seconds(30)) {
                try await product.events().contains { $0["type"] == "message.failed" }
            }
            try await rowsAndEventsAgree(product)
            try await nextSessionIsAnotherConversation(product)
            try await givenUp(product)
            for process in processes.reversed() { try await process.stop(SIGTERM) }
            try linesAgree(product, ids: try await correlations(product))
        }
    }

    private func correlations(_ product: Product) async throws -> Set<String> {
        Set(
            try await sql(
                product,
                "SELECT correlation_id FROM inbound_messages UNION SELECT correlation_id FROM dead_letters"
            ).split(separator: "\n").map(String.init))
    }

    private func rowsAndEventsAgree(_ product: Product) async throws {
        let whole = "count(*), count(correlation_id), count(conversation_id), count(DISTINCT conversation_id)"
        #expect(try await sql(product, "SELECT \(whole) FROM inbound_messages") == "5|5|5|1")
        let replies = try await sql(product, "SELECT \(whole) FROM outbound_messages").split(separator: "|")
        #expect(replies.count == 4 && Set(replies[0..<3]).count == 1 && replies[3] == "1", "\(replies)")
        // From the id of any one message to all of the conversation, as docs/tracing.md says.
        let id = try await sql(
            product, "SELECT correlation_id FROM inbound_messages WHERE message_sid = '\(sid(3))'")
        let all = try await sql(
            product,
            """
            SELECT count(*) FROM inbound_messages i JOIN inbound_messages o USING (sender, conversation_id)
             WHERE i.correlation_id = '\(id)'
            """)
        #expect(all == "5")
        // A reply has the id of the message that it answers; and so has an event, in the log and on the stream.
        let apart = try await sql(
            product,
            """
            SELECT (SELECT count(*) FROM outbound_messages o JOIN inbound_messages i ON i.message_sid = o.in_reply_to
                     WHERE i.correlation_id <> o.correlation_id OR i.conversation_id <> o.conversation_id),
                   (SELECT count(*) FROM outbox_events e LEFT JOIN inbound_messages i ON i.message_sid = e.causation_id
                     WHERE i.correlation_id IS DISTINCT FROM e.correlation_id
                        OR e.payload->>'correlation_id' IS DISTINCT FROM e.correlation_id
                        OR e.payload->>'conversation_id' IS DISTINCT FROM i.conversation_id::text)
            """)
        #expect(apart == "0|0")
        let conversation = try await sql(product, "SELECT DISTINCT conversation_id FROM inbound_messages")
        for event in try await product.events() {
            let data = JSONValue(parsing: Array((event["data"] ?? "").utf8))
            #expect(data?["conversation_id"]?.string == conversation, "\(event["type"] ?? "")")
            #expect(data?["correlation_id"]?.string?.isEmpty == false)
        }
    }

    /// Two days later what is said belongs to another conversation.
    private func nextSessionIsAnotherConversation(_ product: Product) async throws {
        _ = try await sql(product, "UPDATE inbound_messages SET processed_at = processed_at - interval '2 days'")
        try await product.redisCommand("DEL", "{wa:0}:state:\(chat)".redisArgument)
        try await product.say("help", sid: sid(6), from: Self.phone)
        try await answered(6, product)
        let conversations = "SELECT count(DISTINCT conversation_id), count(conversation_id) FROM inbound_messages"
        #expect(try await sql(product, conversations) == "2|6")
    }

    /// A message that the database refuses is given up on: that too is said and kept under its id.
    private func givenUp(_ product: Product) async throws {
        _ = try await sql(
            product, "ALTER TABLE inbound_messages ADD CONSTRAINT poison CHECK (message_sid <> '\(sid(7))')")
        try await product.say("help", sid: sid(7), from: Self.phone)
        try await until("it is given up on", within: .seconds(60)) {
            try await product.redisCommand("ZADD", "{wa:0}:delay", "XX", 1, .init(chat))
            return try await sql(product, "SELECT count(*) FROM dead_letters WHERE correlation_id IS NOT NULL") == "1"
        }
    }

    private func linesAgree(_ product: Product, ids: Set<String>) throws {
        #expect(ids.count == 7)
        var seen: [String: Set<String>] = [:]
        for program in [Product.Program.ingest, .worker, .relay] {
            for line in textOfFile(product.log(program)).split(separator: "\n") {
                let fields = try #require(JSONValue(parsing: Array(line.utf8)), "\(line)")
                let message = fields["message"]?.string ?? ""
                guard let id = fields["correlation_id"]?.string else {
                    #expect(Self.linesOfProcesses.contains(message), "\(program.rawValue): \(line)")
                    continue
                }
                seen[message, default: []].insert(id)
                if message == "handled a message" {
                    #expect(fields["conversation_id"]?.string?.isEmpty == false, "\(line)")
                }
            }
        }
        // Reports of delivery have ids of their own where nothing was to be said of the reply.
        for message in ["handled a message", "a reply will not be delivered", "a message was given up on"] {
            #expect(seen[message]?.isEmpty == false && seen[message]?.isSubset(of: ids) == true, "\(message): \(seen)")
        }
        #expect(seen["webhook accepted"]?.isSuperset(of: ids) == true)
    }
}

extension String {
    fileprivate var redisArgument: RedisArgument { .init(self) }
}
