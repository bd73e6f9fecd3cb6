import Common
import Glibc
import TestSupport
import Testing

/// One-time codes are in the passenger's phone and nowhere else: not in the database, not in Redis, not in a log.
@Suite(.serialized) struct CodeLeakTests {
    private static let phone = "+447700900123"
    private var chat: String { "whatsapp:" + Self.phone }
    /// What a passenger types who does not have the code.
    private static let guesses = ["918273", "464 738", "502-917", "61 72 83"]

    /// A registration with everything that goes wrong on the way, over both channels.
    @Test(.timeLimit(.minutes(2)), arguments: ["sms", "whatsapp"])
    func noCodeIsFoundAnywhere(channel: String) async throws {
        try await withProduct { product in
            var variables = ["LOG_LEVEL": "trace"]
            if channel == "whatsapp" { variables["TWILIO_SMS_NUMBER"] = "" }
            var processes: [ServerProcess] = []
            for program in [Product.Program.simulator, .ingest, .worker, .relay] {
                processes.append(try await product.start(program, variables))
            }
            let inbox = channel == "sms" ? Self.phone : chat
            func codes() async throws -> [String] {
                try await product.replies(to: inbox).compactMap { text in
                    text.contains("is your Delay Repay code") ? String(text.prefix(6)) : nil
                }
            }
            func codes(_ count: Int) async throws -> [String] {
                try await until("\(count) codes have come") { try await codes().count == count }
                return try await codes()
            }

            try await say("hi", product)
            try await say("YES", product)
            let first = try await codes(1)[0]
            try await say("my code is \(Self.guesses[0])", product)
            try await say("is it \(Self.guesses[1])?", product)
            try await say("RESEND", product)
            let second = try await codes(2)[1]
            try await say("\(spaced(first)) is the old one", product)
            try await say("here it is: \(Self.guesses[2])", product, media: true)
            try await say("LOGOUT", product)
            // Two at once are no answer, and there is no question for a code just now.
            try await say("\(second) or \(first)?", product)
            let all = try await codes(3)
            try await say("\(Self.guesses[3]), sorry, my phone", product)
            try await say("ok so my code is \(spaced(all[2])), thanks", product)
            try await until("they are registered") {
                try await product.postgres.psql(
                    "SELECT count(*) FROM whatsapp_handler.users WHERE verified_at IS NOT NULL",
                    database: product.database) == "1"
            }
            // Once more, spent.
            try await say("\(all[2])", product)
            try await until("both events are on the stream") { try await product.events().count >= 2 }
            for process in processes.reversed() { try await process.stop(SIGTERM) }

            let traces = CodeTraces(all + Self.guesses.map { $0.filter(\.isNumber) })
            let contents = try await product.contents()
            #expect(contents.count > 8, "there is a database, a Redis and a log of each process")
            #expect(traces.found(in: contents) == [])
            try await expectToFind(all[2], product)
        }
    }

    /// Shows that a code would have been found: in text, in bytes, in a form, in Redis, in a log.
    private func expectToFind(_ code: String, _ product: Product) async throws {
        let traces = CodeTraces([code])
        func planted() async throws -> [String] { traces.found(in: try await product.contents()) }
        for column in [
            "display_name = 'is \(code)'", "display_name = '\(spaced(code))'", "external_user_id = '\(code)'",
        ] {
            try await psql("UPDATE whatsapp_handler.users SET \(column)", product)
            #expect(try await planted() == ["the database"], "\(column.prefix(12))")
            try await psql(
                "UPDATE whatsapp_handler.users SET display_name = NULL, external_user_id = NULL", product)
        }
        for raw in ["Body=my%20code%3A\(code)&To=x", "Body=my+code+\(spaced(code).replacing(" ", with: "+"))"] {
            try await psql("UPDATE whatsapp_handler.inbound_messages SET raw = '\(raw)'::bytea", product)
            #expect(try await planted() == ["the database"], "\(raw.prefix(12))")
        }
        try await psql("UPDATE whatsapp_handler.inbound_messages SET raw = NULL", product)
        try await product.redisCommand("HSET", "planted", "a", .init("{\"code\":\"\(code)\"}"))
        try await product.redisCommand("SET", .init("planted:\(code)"), "1")
        #expect(try await planted().sorted() == ["Redis' planted", "Redis' planted:\(code)"])
        try await product.redisCommand("DEL", "planted", .init("planted:\(code)"))
        guard let log = fopen(product.log(.worker), "a") else { throw HarnessError("there is no log") }
        fseek(log, 0, SEEK_END)
        let length = ftell(log)
        fputs("{\"message\":\"the code is \(code)\"}\n", log)
        fclose(log)
        #expect(try await planted() == ["the log of worker"])
        // Every log of every test is searched when its folder goes: what was planted goes first.
        #expect(truncate(product.log(.worker), length) == 0)
    }

    private func spaced(_ code: String) -> String { code.prefix(3) + " " + code.suffix(3) }

    /// Says something and waits for the answer.
    private func say(_ text: String, _ product: Product, media: Bool = false) async throws {
        let before = try await handled(product)
        let sid = "SM" + String(repeating: "0", count: 28) + "\(before + 1000)"
        let files = media ? [("https://api.twilio.com/none/photo", "image/jpeg")] : []
        try await product.say(text, sid: sid, from: Self.phone, media: files)
        try await until("\(before + 1) messages are answered") { try await handled(product) == before + 1 }
        try await until("all is sent") {
            try await psql(
                "SELECT count(*) FROM whatsapp_handler.outbound_messages WHERE state IN ('sending', 'unknown')", product
            ) == "0"
        }
    }

    private func handled(_ product: Product) async throws -> Int {
        Int(
            try await psql(
                "SELECT count(*) FROM whatsapp_handler.inbound_messages WHERE processed_at IS NOT NULL", product)) ?? -1
    }

    @discardableResult
    private func psql(_ sql: String, _ product: Product) async throws -> String {
        try await product.postgres.psql(sql, database: product.database)
    }
}
