import Common
import Glibc
import TestSupport
import Testing

/// Messages that come to the built worker another way than from ingest.
@Suite(.serialized) struct ReplaySystemTests {
    let phone = "+447700900321"
    var chat: String { "whatsapp:" + phone }

    func envelope(_ sid: String, kind: Envelope.Kind = .message, body: [UInt8]) -> Envelope {
        Envelope(
            messageSID: sid, sender: chat, receivedAt: .now, correlationID: CorrelationID(), kind: kind, body: body)
    }

    func form(_ text: String, sid: String) -> [UInt8] {
        FormParameters.encode([
            ("MessageSid", sid), ("Body", text), ("From", chat), ("To", Product.whatsAppNumber),
            ("AccountSid", Product.accountSID), ("ProfileName", "Ada"), ("NumMedia", "0"),
        ])
    }

    /// A message that is in the table but was never handled is handled when it is queued, once.
    @Test(.timeLimit(.minutes(2)))
    func aStoredMessageIsHandledOnce() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let worker = try await product.start(.worker)
            let sid = "SM" + String(repeating: "7", count: 32)
            let stored = envelope(sid, body: form("hi", sid: sid))
            _ = try await product.postgres.psql(
                """
                INSERT INTO whatsapp_handler.inbound_messages (message_sid, sender, kind, raw, received_at)
                VALUES ('\(sid)', '\(chat)', 'message', 'x', now() - interval '1 hour')
                """, database: product.database)
            try await product.redisCommand("RPUSH", "{wa:0}:in", .init(stored.encoded()))
            try await until("it is answered") { try await product.replies(to: chat).count == 1 }
            // The same again, past the memory of the queue: known from the table.
            try await product.redisCommand("DEL", "{wa:0}:dd:\(Timestamp.now.microseconds / 600_000_000)")
            try await product.redisCommand("RPUSH", "{wa:0}:in", .init(stored.encoded()))
            try await until("both are settled") {
                try await product.redisCommand("HGET", "{wa:0}:ctr", "done").string == "2"
            }
            #expect(try await product.replies(to: chat).count == 1)
            let row = try await product.postgres.psql(
                "SELECT count(*), bool_and(processed_at IS NOT NULL AND outcome IS NOT NULL) FROM whatsapp_handler.inbound_messages",
                database: product.database)
            #expect(row == "1|t")
            for process in [worker, simulator] { try await process.stop(SIGTERM) }
        }
    }

    /// A replay as a new run goes by the envelope's id, not by that of the message it repeats.
    @Test(.timeLimit(.minutes(2)))
    func aRunOfItsOwnIsHandledAgain() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let worker = try await product.start(.worker)
            let sid = "SM" + String(repeating: "8", count: 32)
            for run in ["", ":replay:1", ":replay:1"] {
                let again = envelope(sid + run, body: form("hi", sid: sid))
                try await product.redisCommand("RPUSH", "{wa:0}:in", .init(again.encoded()))
            }
            try await until("the message and its replay are answered") {
                try await product.replies(to: chat).count == 2
            }
            let sids = try await product.postgres.psql(
                "SELECT message_sid FROM whatsapp_handler.inbound_messages ORDER BY sequence",
                database: product.database)
            #expect(sids == "\(sid)\n\(sid):replay:1")
            for process in [worker, simulator] { try await process.stop(SIGTERM) }
        }
    }

    /// Who was turned away for writing too fast gets one notice, and the conversation goes on where it was.
    @Test(.timeLimit(.minutes(2)))
    func thePoliteNoticeChangesNothingElse() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let worker = try await product.start(.worker)
            let sid = "SM" + String(repeating: "9", count: 32)
            let notice = envelope("throttled:" + sid, kind: .event, body: Array(#"{"type":"sender.throttled"}"#.utf8))
            try await product.redisCommand(
                "RPUSH", "{wa:0}:in", .init(envelope(sid, body: form("hi", sid: sid)).encoded()))
            try await product.redisCommand("RPUSH", "{wa:0}:in", .init(notice.encoded()))
            try await until("both are answered") { try await product.replies(to: chat).count == 2 }
            #expect(try await product.replies(to: chat)[1].contains("faster than I can read"))
            let states = try await product.postgres.psql(
                "SELECT kind, outcome->'state'->>'name' FROM whatsapp_handler.inbound_messages ORDER BY sequence",
                database: product.database)
            #expect(states == "message|awaitingTerms\nevent|awaitingTerms")
            for process in [worker, simulator] { try await process.stop(SIGTERM) }
        }
    }
}
