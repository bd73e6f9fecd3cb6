import Common
import Glibc
import NIOHTTP1
import Subprocess
import TestSupport

/// The built service with people on the simulator's phones.
struct ErasureGround: Sendable {
    let product: Product
    static let secret = "whsec_" + [UInt8](repeating: 7, count: 32).base64

    /// Somebody on a phone.
    struct Phone: Sendable {
        var id: String
        var name: String
        var number: String
        /// Where replies go.
        var chat: String
    }

    /// A new phone; with a username WhatsApp hides its number.
    func phone(_ name: String, _ number: String, username: String? = nil) async throws -> Phone {
        let hidden = username.map { #","username":"\#($0)""# } ?? ""
        let body = #"{"name":"\#(name)","number":"\#(number)"\#(hidden)}"#
        var request = HTTPRequest(.POST, product.url(.simulator, "/api/passengers"), body: Array(body.utf8))
        request.headers = ["Content-Type": "application/json"]
        let answer = try await product.http.send(request)
        guard answer.status == 201, let added = JSONValue(parsing: answer.body), let id = added["id"]?.string,
            let address = added["address"]?.string
        else { throw HarnessError("the phone was answered \(answer.status)") }
        return Phone(id: id, name: name, number: number, chat: address)
    }

    /// Says something and waits for `replies` more messages in the chat.
    @discardableResult
    func say(_ text: String, _ phone: Phone, replies: Int = 1) async throws -> String {
        let before = try await product.replies(to: phone.chat).count
        try await send(text, phone)
        return try await answer(before + replies, phone)
    }

    /// Says something and waits for nothing.
    func send(_ text: String, _ phone: Phone) async throws {
        LogWatch.note([LogSecret.body(text)].compactMap { $0 } + LogSecret.codes(in: text), in: product.directory)
        let body = Array(JSONValue.object([.init("text", .string(text))]).text.utf8)
        var request = HTTPRequest(
            .POST, product.url(.simulator, "/api/passengers/\(phone.id)/messages"), body: body)
        request.headers = ["Content-Type": "application/json"]
        let status = try await product.http.send(request).status
        guard status == 201 else { throw HarnessError("saying it was answered \(status)") }
    }

    func send(_ file: [UInt8], _ phone: Phone) async throws {
        let before = try await product.replies(to: phone.chat).count
        var request = HTTPRequest(
            .POST, product.url(.simulator, "/api/passengers/\(phone.id)/photo"), body: file)
        request.headers = ["Content-Type": "image/jpeg"]
        let status = try await product.http.send(request).status
        guard status == 201 else { throw HarnessError("the photo was answered \(status)") }
        _ = try await answer(before + 1, phone)
    }

    private func answer(_ count: Int, _ phone: Phone) async throws -> String {
        try await until("\(phone.name) has \(count) messages", within: .seconds(30)) {
            try await product.replies(to: phone.chat).count >= count
        }
        return try await product.replies(to: phone.chat).last ?? ""
    }

    /// Registers, claims with a photo, and has a word typed at every step.
    func live(_ phone: Phone, word: String) async throws {
        try await say("hi \(word)", phone)
        if phone.chat.hasSuffix(phone.number) {
            try await say("YES", phone)
        } else {
            try await say("YES", phone)
            try await say(phone.number, phone)
        }
        try await until("the code has come") { try await product.replies(to: phone.number).count >= 1 }
        let text = try await product.replies(to: phone.number).last ?? ""
        guard let code = text.firstMatch(of: /[0-9]{6}/).map({ String($0.0) }) else {
            throw HarnessError("there is no code in the text message")
        }
        try await say(code, phone)
        try await say("the 14:30 from leeds to york yesterday was 40 minutes late", phone)
        try await say("£12.50 standard advance", phone)
        try await send([0xFF, 0xD8, 0xFF, 0xE0] + Array("photo \(word)".utf8), phone)
        let submitted = try await say("YES", phone)
        guard submitted.contains("DR-") else { throw HarnessError("there is no claim: \(submitted)") }
        try await say("what about \(word)?", phone)
    }

    /// Puts a message of theirs on the dead list, and one that nobody can read.
    func die(_ phone: Phone, word: String) async throws {
        let form = FormParameters.encode([
            ("Body", word), ("From", phone.chat), ("ProfileName", phone.name), ("MessageSid", "SMdead\(phone.id)"),
        ])
        let envelope = Envelope(
            messageSID: "SMdead\(phone.id)", sender: phone.chat, receivedAt: .now, correlationID: CorrelationID(),
            kind: .message, body: form)
        let report = Envelope(
            messageSID: "SMreport\(phone.id):failed", sender: "status:x\(phone.id)", receivedAt: .now,
            correlationID: CorrelationID(), kind: .status, body: FormParameters.encode([("To", phone.chat)]))
        let head = "deliveries\u{1f}delivered too often\u{1f}8\u{1f}\(Timestamp.now.milliseconds)\u{1f}"
        for bytes in [envelope.encoded(), report.encoded()] {
            try await product.redisCommand("RPUSH", "{wa:0}:dead", .init(Array(head.utf8) + bytes))
        }
        try await product.operator("dead", "list")
    }

    /// Posts an evaluation as the service that makes them.
    func tell(_ fields: String, journey: String, user: String, id: String) async throws {
        let data = #""journey_id":"\#(journey)","user_id":"\#(user)",\#(fields)"#
        let body = #"{"type":"evaluation.completed","data":{\#(data)}}"#
        let status = try await product.post(event: body, id: id, secret: Self.secret)
        guard status == 202 else { throw HarnessError("the event was answered \(status)") }
    }

    /// Makes somebody known who has proven their number, without their having said anything.
    func know(_ phone: Phone) async throws {
        try await sql(
            """
            INSERT INTO users (sender, phone_number, display_name, verified_at, terms_accepted_at, terms_version, last_inbound_at)
            VALUES ('\(phone.chat)', '\(phone.number)', '\(phone.name)', now(), now(), '1', now())
            """)
    }

    @discardableResult
    func sql(_ text: String) async throws -> String {
        try await product.postgres.psql("SET search_path = whatsapp_handler; " + text, database: product.database)
    }

    /// Has an operator look for messages that never arrived, and push them: gives back how many there were.
    func backfill() async throws -> Int {
        let all = product.environment(.worker).merging(["BACKFILL_DELAY_SECONDS": "0"]) { $1 }
        let result = try await run(
            .name("env"),
            arguments: Arguments(
                ["-i"] + all.map { "\($0.key)=\($0.value)" }.sorted()
                    + ["\(Product.programs)/operator", "backfill", "--since", "1h", "--json"]),
            output: .string(limit: 1_000_000), error: .string(limit: 100_000))
        guard case .integer(let found)? = JSONValue(parsing: Array(result.standardOutput.utf8))?["found"] else {
            throw HarnessError("operator backfill: \(result.standardError)")
        }
        return found
    }

    /// Waits until every erasure is through.
    func erased(_ count: Int) async throws {
        try await until("\(count) erasures are finished", within: .seconds(30)) {
            try await sql("SELECT count(*), count(finished_at) FROM erasures") == "\(count)|\(count)"
        }
        try await settled()
    }

    /// Waits until nothing is in the queue.
    func settled() async throws {
        try await until("all is settled", within: .seconds(30)) {
            var waiting = 0
            for list in ["in", "stage", "ready"] {
                waiting += try await product.redisCommand("LLEN", .init("{wa:0}:\(list)")).int ?? 0
            }
            for set in ["lease", "delay"] {
                waiting += try await product.redisCommand("ZCARD", .init("{wa:0}:\(set)")).int ?? 0
            }
            return waiting == 0
        }
    }
}

/// Runs `body` with the built service, of which `programs` are up.
func withErasureGround(
    programs: [Product.Program] = [.simulator, .ingest, .worker, .relay], _ body: (ErasureGround) async throws -> Void
) async throws {
    try await withProduct { product in
        var processes: [ServerProcess] = []
        for program in programs {
            processes.append(
                try await product.start(program, ["EVENTS_WEBHOOK_SECRET": ErasureGround.secret]))
        }
        try await body(ErasureGround(product: product))
        for process in processes.reversed() { try await process.stop(SIGTERM) }
    }
}
