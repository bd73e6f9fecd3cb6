import Common
import Glibc
import TestSupport
import Testing

/// The whole path through the built processes: webhook, queue, conversation, database, reply, event.
@Suite(.serialized) struct ConversationSystemTests {
    static let phone = "+447700900123"
    var chat: String { "whatsapp:" + Self.phone }

    /// The code in the newest text message to the phone.
    func code(_ product: Product) async throws -> String {
        let text = try await product.replies(to: Self.phone).last ?? ""
        return try #require(text.firstRange(of: /[0-9]{6}/).map { String(text[$0]) })
    }

    @Test(.timeLimit(.minutes(2)))
    func registrationGoesAllTheWay() async throws {
        try await withProduct { product in
            let simulator = try await product.start(.simulator)
            let ingest = try await product.start(.ingest)
            let worker = try await product.start(.worker)
            let relay = try await product.start(.relay)

            #expect(try await product.say("hi", sid: sid(1), from: Self.phone) == 200)
            try await until("the welcome has come") { try await product.replies(to: chat).count == 1 }
            #expect(try await product.replies(to: chat)[0].contains("https://bot.example.com/terms"))

            try await product.say("YES", sid: sid(2), from: Self.phone)
            try await until("the code has come by SMS") { try await product.replies(to: Self.phone).count == 1 }
            try await until("the chat says so") { try await product.replies(to: chat).count == 2 }

            try await product.say(try await code(product), sid: sid(3), from: Self.phone)
            try await until("the menu has come") { try await product.replies(to: chat).count == 3 }
            try await product.say("help", sid: sid(4), from: Self.phone)
            try await until("help has come") { try await product.replies(to: chat).count == 4 }

            try await until("both events are on the stream") { try await product.events().count == 2 }
            let events = try await product.events()
            #expect(events.map { $0["type"] } == ["user.registered", "user.verified"])
            #expect(Set(events.map { $0["subject"] }).count == 1)

            for process in [relay, worker, ingest, simulator] {
                await process.send(SIGTERM)
                #expect(try await process.end() == .exit(0))
            }
            try logsAreClean(product)
        }
    }

    /// Delivery reports come back through ingest and the queue, and end at `read`.
    @Test(.timeLimit(.minutes(2)))
    func deliveryReportsAreStored() async throws {
        try await withProduct { product in
            let processes = try await start(product)
            try await product.say("hi", sid: sid(1), from: Self.phone)
            try await until("the reply was read") {
                try await product.postgres.psql(
                    "SELECT state FROM whatsapp_handler.outbound_messages", database: product.database) == "read"
            }
            try await stop(processes)
        }
    }

    /// Accepting needs Redis only.
    @Test(.timeLimit(.minutes(2)))
    func webhooksAreTakenWhilePostgresIsDownAndAnsweredAfter() async throws {
        try await withProduct { product in
            let processes = try await start(product)
            try await product.postgres.kill()
            #expect(try await product.say("hi", sid: sid(1), from: Self.phone) == 200)
            try await product.postgres.start()
            try await until("the welcome has come", within: .seconds(40)) {
                try await product.replies(to: chat).count == 1
            }
            try await stop(processes)
        }
    }

    func start(_ product: Product) async throws -> [ServerProcess] {
        var processes: [ServerProcess] = []
        for program in [Product.Program.simulator, .ingest, .worker, .relay] {
            processes.append(try await product.start(program))
        }
        return processes
    }

    func stop(_ processes: [ServerProcess]) async throws {
        for process in processes.reversed() { try await process.stop(SIGTERM) }
    }

    func sid(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "SM" + String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// No number, code, body or token in any log line.
    private func logsAreClean(_ product: Product) throws {
        for program in [Product.Program.ingest, .worker, .relay] {
            let log = try read(product.log(program))
            #expect(!log.isEmpty)
            for secret in ["7700900123", Product.authToken, "terms, Ada", "postgres@127"] {
                #expect(!log.contains(secret), "\(program.rawValue) logged \(secret)")
            }
        }
    }

    private func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw HarnessError("cannot read \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
