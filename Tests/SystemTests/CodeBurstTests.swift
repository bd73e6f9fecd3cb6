import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// Many guesses of one person at once, with two workers who could each take some of them.
@Suite(.serialized) struct CodeBurstTests {
    private static let phone = "+447700900123"
    private var chat: String { "whatsapp:" + Self.phone }

    /// One after the other, so that it is known whether the right code is among those that count.
    @Test(.timeLimit(.minutes(2)), arguments: [(place: 5, isTaken: true), (6, false)])
    func theFifthGuessIsTheLastThatCounts(place: Int, isTaken: Bool) async throws {
        try await withTwoWorkers { product, code in
            for number in 1...20 {
                try await product.say(number == place ? code : wrong(code, number), sid: sid(number), from: Self.phone)
            }
            try await answered(22, product)
            try await verify(product)
            let verified = try await psql(
                "SELECT count(*) FROM whatsapp_handler.users WHERE verified_at IS NOT NULL", product)
            #expect(verified == (isTaken ? "1" : "0"))
            let tries = try await psql("SELECT max(attempts) FROM whatsapp_handler.otp_challenges", product)
            #expect(tries == (isTaken ? "4" : "5"))
        }
    }

    /// All at the same moment, the right one three times among them: in whatever order they come.
    @Test(.timeLimit(.minutes(2)))
    func aBurstCountsFiveGuessesAndVerifiesOnce() async throws {
        try await withTwoWorkers { product, code in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...20 {
                    group.addTask {
                        let text = [3, 11, 18].contains(number) ? code : wrong(code, number)
                        try await product.say(text, sid: sid(number), from: Self.phone)
                    }
                }
                try await group.waitForAll()
            }
            try await answered(22, product)
            try await verify(product)
        }
    }

    /// At most five tries of each code, one verification, and one that is told; one answer for each message.
    private func verify(_ product: Product) async throws {
        let codes = try await psql(
            """
            SELECT count(*), max(attempts), count(consumed_at), count(*) FILTER (WHERE consumed_at IS NOT NULL AND attempts > 4)
              FROM whatsapp_handler.otp_challenges
            """, product
        ).split(separator: "|").compactMap { Int($0) }
        #expect(codes.count == 4 && codes[1] <= 5 && codes[2] <= 1 && codes[3] == 0, "\(codes)")
        let told = try await psql(
            "SELECT count(*) FROM whatsapp_handler.outbox_events WHERE event_type = 'user.verified'", product)
        #expect(told == "\(codes[2])")
        let answers = try await psql(
            """
            SELECT count(DISTINCT in_reply_to), count(*) FILTER (WHERE channel = 'whatsapp')
              FROM whatsapp_handler.outbound_messages
            """, product)
        #expect(answers == "22|22")
    }

    /// Runs `body` when a passenger has been sent the code that it is given.
    private func withTwoWorkers(_ body: (Product, String) async throws -> Void) async throws {
        try await withProduct { product in
            var processes: [ServerProcess] = []
            for program in [Product.Program.simulator, .ingest, .worker] {
                processes.append(try await product.start(program))
            }
            let port = try freePort()
            processes.append(try await product.start(.worker, ["PORT": "\(port)"], untilReady: false))
            try await until("the second worker is ready") {
                (try? await product.http.send(HTTPRequest(.GET, "http://127.0.0.1:\(port)/ready")))?.status == 200
            }
            try await product.say("hi", sid: sid(100), from: Self.phone)
            try await answered(1, product)
            try await product.say("YES", sid: sid(101), from: Self.phone)
            try await until("the code has come") { try await product.replies(to: Self.phone).count == 1 }
            try await body(product, String(try await product.replies(to: Self.phone)[0].prefix(6)))
            for process in processes.reversed() { try await process.stop(SIGTERM) }
        }
    }

    private func answered(_ count: Int, _ product: Product) async throws {
        try await until("there are \(count) answers", within: .seconds(40)) {
            try await product.replies(to: chat).count >= count
        }
    }

    private func wrong(_ code: String, _ number: Int) -> String {
        let guess = String(700_000 + number)
        return guess == code ? "699999" : guess
    }

    private func sid(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "SM" + String(repeating: "0", count: 32 - digits.count) + digits
    }

    private func psql(_ sql: String, _ product: Product) async throws -> String {
        try await product.postgres.psql(sql, database: product.database)
    }
}
