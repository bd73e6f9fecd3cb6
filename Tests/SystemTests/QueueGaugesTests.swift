import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// What the built worker shows of the queue, to be alerted on.
@Suite struct QueueGaugesTests {
    @Test(.timeLimit(.minutes(1)))
    func theLengthsAndTheAgeOfTheOldestAreShown() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let worker = try await product.start(.worker)
            try await product.redisCommand("FCALL", "wa_pause", "1", "{wa:0}:", "1")
            for number in 1...3 {
                let sid = "SM" + String(repeating: "\(number)", count: 32)
                let body = FormParameters.encode([
                    ("MessageSid", sid), ("Body", "hi"), ("From", "whatsapp:+44770090000\(number)"),
                    ("To", Product.whatsAppNumber), ("AccountSid", Product.accountSID),
                ])
                let envelope = Envelope(
                    messageSID: sid, sender: "whatsapp:+44770090000\(number)", receivedAt: .now - .seconds(90),
                    correlationID: CorrelationID(), kind: .message, body: body)
                try await product.redisCommand("RPUSH", "{wa:0}:in", .init(envelope.encoded()))
            }
            func gauge(_ series: String) async throws -> Double? {
                let page = try await product.http.send(HTTPRequest(.GET, product.url(.worker, "/metrics"))).body
                let line = String(decoding: page, as: UTF8.self).split(separator: "\n").first {
                    $0.hasPrefix(series + " ")
                }
                return line?.split(separator: " ").last.flatMap { Double($0) }
            }
            try await until("three wait while the queue is stopped") {
                let waiting = try await gauge("whatsapp_queue_depth{list=\"in\"}") ?? 0
                let staged = try await gauge("whatsapp_queue_depth{list=\"stage\"}") ?? 0
                return waiting + staged == 3
            }
            #expect(try await gauge("whatsapp_queue_oldest_seconds") ?? 0 >= 90)
            #expect(try await gauge("whatsapp_queue_paused_shards") == 1)
            try await product.redisCommand("FCALL", "wa_pause", "1", "{wa:0}:", "0")
            try await until("they are handled") {
                let depth = try await gauge("whatsapp_queue_depth{list=\"in\"}")
                let oldest = try await gauge("whatsapp_queue_oldest_seconds")
                let held = try await gauge("whatsapp_queue_depth{list=\"held\"}")
                return depth == 0 && oldest == 0 && held == 0
            }
            #expect(try await gauge("whatsapp_queue_paused_shards") == 0)
            for process in [worker, simulator] { try await process.stop(SIGTERM) }
        }
    }

    /// A node of a cluster that is away must not hide what waits on the others.
    @Test(.timeLimit(.minutes(1)))
    func aShardThatCannotBeAskedHidesNoOther() async throws {
        try await withProduct { product in
            // Of the wrong kind: asking for this shard's lengths is an error.
            try await product.redisCommand("SET", "{wa:0}:in", "no list")
            let envelope = Envelope(
                messageSID: "SM" + String(repeating: "1", count: 32), sender: "whatsapp:+447700900001",
                receivedAt: .now - .seconds(90), correlationID: CorrelationID(), kind: .message, body: [])
            try await product.redisCommand("RPUSH", "{wa:1}:in", .init(envelope.encoded()))
            let ingest = try await product.start(.ingest, ["QUEUE_SHARDS": "2"])
            try await until("the other shard is shown") {
                let page = try await product.http.send(HTTPRequest(.GET, product.url(.ingest, "/metrics"))).text
                return page.contains("whatsapp_queue_depth{list=\"in\"} 1\n")
            }
            try await ingest.stop(SIGTERM)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func ingestShowsThemWhileNoWorkerRuns() async throws {
        try await withProduct { product in
            let ingest = try await product.start(.ingest)
            let envelope = Envelope(
                messageSID: "SM" + String(repeating: "1", count: 32), sender: "whatsapp:+447700900001",
                receivedAt: .now - .seconds(90), correlationID: CorrelationID(), kind: .message, body: [])
            try await product.redisCommand("RPUSH", "{wa:0}:in", .init(envelope.encoded()))
            func shows(_ test: (String, Double) -> Bool) async throws -> Bool {
                let page = try await product.http.send(HTTPRequest(.GET, product.url(.ingest, "/metrics"))).text
                return page.split(separator: "\n").contains { line in
                    let words = line.split(separator: " ")
                    return words.count == 2 && test(String(words[0]), Double(words[1]) ?? -1)
                }
            }
            try await until("what nobody takes is counted") {
                try await shows { $0 == "whatsapp_queue_depth{list=\"in\"}" && $1 == 1 }
            }
            #expect(try await shows { $0 == "whatsapp_queue_oldest_seconds" && $1 >= 90 })
            #expect(try await shows { $0 == "whatsapp_ready{check=\"redis\"}" && $1 == 1 })
            try await ingest.stop(SIGTERM)
        }
    }
}
