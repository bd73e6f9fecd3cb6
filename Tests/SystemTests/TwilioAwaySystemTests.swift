import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// Twilio is away while passengers write: the queue is left alone, and everybody is answered once afterwards.
@Suite(.serialized) struct TwilioAwaySystemTests {
    @Test(.timeLimit(.minutes(2)))
    func theWorkerWaitsAndThenAnswersEverybodyOnce() async throws {
        try await withProduct { product in
            let ingest = try await product.start(.ingest)
            let worker = try await product.start(.worker)
            let phones = (10..<22).map { "+4477009006\($0)" }
            for (number, phone) in phones.enumerated() {
                let sid = "SM" + String(repeating: "0", count: 30) + "\(number + 10)"
                try await product.say("hi", sid: sid, from: phone)
            }
            try await until("the breaker is open") { try await metric("whatsapp_twilio_breaker_state", product) == "2" }
            let simulator = try await product.start(.simulator)
            for phone in phones {
                try await until("\(phone.suffix(2)) is welcomed", within: .seconds(60)) {
                    try await product.replies(to: "whatsapp:" + phone).count == 1
                }
            }
            try await until("the breaker is closed") {
                try await metric("whatsapp_twilio_breaker_state", product) == "0"
            }
            try await until("all is settled") {
                let waiting = try await product.redisCommand("LLEN", "{wa:0}:in").int
                let owned = try await product.redisCommand("HLEN", "{wa:0}:own").int
                return waiting == 0 && owned == 0
            }
            for phone in phones {
                let count = try await product.replies(to: "whatsapp:" + phone).count
                #expect(count == 1)
            }
            let dead = try await product.redisCommand("LLEN", "{wa:0}:dead").int
            #expect(dead == 0, "an outage costs no deliveries")
            for process in [worker, ingest, simulator] { try await process.stop(SIGTERM) }
        }
    }

    private func metric(_ name: String, _ product: Product) async throws -> String? {
        let page = try await product.http.send(HTTPRequest(.GET, product.url(.worker, "/metrics")))
        return String(decoding: page.body, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.utf8.count + 1)) }
    }
}
