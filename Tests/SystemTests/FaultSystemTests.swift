import Common
import Glibc
import TestSupport
import Testing

/// What operators do to a running service, and what machines do to it.
@Suite(.serialized) struct FaultSystemTests {
    let phones = (0..<20).map { "+4477009005\($0 < 10 ? "0" : "")\($0)" }

    func sid(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "SM" + String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// Redis comes back empty in the middle of a conversation: it goes on from the last outcome.
    @Test(.timeLimit(.minutes(2)))
    func anEmptyRedisForgetsNoConversation() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest)
            let worker = try await product.start(.worker)
            let chat = "whatsapp:" + phones[0]
            try await product.say("hi", sid: sid(1), from: phones[0])
            try await until("the welcome has come") { try await product.replies(to: chat).count == 1 }
            try await settled(product)
            try await product.redisCommand("FLUSHALL")
            try await product.redisCommand("FUNCTION", "FLUSH")
            try await product.say("YES", sid: sid(2), from: phones[0])
            try await until("the code is announced") { try await product.replies(to: chat).count == 2 }
            #expect(try await product.replies(to: chat)[1].contains("six-digit code"))
            for process in [worker, ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }

    /// A worker dies with a reply committed and not sent, and Redis comes back empty: the next message finds the reply
    /// and sends it first.
    @Test(.timeLimit(.minutes(2)))
    func aReplyLeftBehindIsNotOvertaken() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest)
            let doomed = try await product.start(.worker, ["FAULT_POINT": "after-commit"])
            let chat = "whatsapp:" + phones[0]
            try await product.say("hi", sid: sid(1), from: phones[0])
            #expect(try await doomed.end() == .signal(SIGKILL))
            try await product.redisCommand("FLUSHALL")
            // Without backfill, which would bring the message again.
            let worker = try await product.start(.worker, ["BACKFILL_INTERVAL_SECONDS": "0"])
            try await product.say("what?", sid: sid(2), from: phones[0])
            try await until("both are answered") { try await product.replies(to: chat).count == 2 }
            let order = try await product.postgres.psql(
                """
                SELECT string_agg(right(in_reply_to, 1), ',' ORDER BY attempted_at) FROM whatsapp_handler.outbound_messages
                """, database: product.database)
            #expect(order == "1,2")
            #expect(try await product.replies(to: chat).first?.hasPrefix("Hello Ada") == true)
            for process in [worker, ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }

    /// SIGTERM in the middle of work gives everything back: the next worker goes on at once, not after a lease.
    @Test(.timeLimit(.minutes(2)))
    func aStoppedWorkerGivesBackWhatItHolds() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest)
            let first = try await product.start(.worker)
            for (index, phone) in phones.enumerated() {
                #expect(try await product.say("hi", sid: sid(100 + index), from: phone) == 200)
            }
            await first.send(SIGTERM)
            #expect(try await first.end() == .exit(0))
            #expect(try await product.redisCommand("ZCARD", "{wa:0}:lease").int == 0)
            let second = try await product.start(.worker)
            try await until("everybody is welcomed, well within a lease", within: .seconds(10)) {
                try await product.postgres.psql(
                    "SELECT count(*) FROM whatsapp_handler.outbound_messages WHERE provider_sid IS NOT NULL",
                    database: product.database) == "\(phones.count)"
            }
            for phone in phones { #expect(try await product.replies(to: "whatsapp:" + phone).count == 1) }
            for process in [second, ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }

    /// Workers are killed at random moments under load; every message of everyone is answered once and in order.
    @Test(.timeLimit(.minutes(3)), arguments: [UInt64(1)])
    func kill9LosesAndRepeatsNothing(seed: UInt64) async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest)
            let quick = ["QUEUE_LEASE_SECONDS": "1", "REPLY_UNKNOWN_SECONDS": "6"]
            var number = 1000
            for round in 0..<4 {
                let worker = try await product.start(.worker, quick)
                for phone in phones.prefix(5) {
                    try await product.say("message \(round)", sid: sid(number), from: phone)
                    number += 1
                }
                // Somewhere in the handling; which is chance, and the crash tests go through every point.
                try await Task.sleep(for: .milliseconds(Int((seed * 13 + UInt64(round) * 7) % 40)))
                try await worker.stop(SIGKILL)
            }
            let worker = try await product.start(.worker, quick)
            for phone in phones.prefix(5) {
                try await until("seed \(seed): \(phone.suffix(2)) has four answers", within: .seconds(60)) {
                    try await product.replies(to: "whatsapp:" + phone).count >= 4
                }
            }
            try await settled(product)
            for phone in phones.prefix(5) {
                #expect(try await product.replies(to: "whatsapp:" + phone).count == 4, "seed \(seed)")
            }
            let order = try await product.postgres.psql(
                """
                SELECT bool_and(ordered) FROM (SELECT received_at >= lag(received_at, 1, received_at)
                  OVER (PARTITION BY sender ORDER BY sequence) AS ordered FROM whatsapp_handler.inbound_messages) t
                """, database: product.database)
            #expect(order == "t", "seed \(seed)")
            for process in [worker, ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }

    private func settled(_ product: Product) async throws {
        try await until("the queue is empty", within: .seconds(40)) {
            let waiting = try await product.redisCommand("LLEN", "{wa:0}:in").int
            let owned = try await product.redisCommand("HLEN", "{wa:0}:own").int
            return waiting == 0 && owned == 0
        }
    }
}
