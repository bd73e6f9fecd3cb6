import Common
import Foundation
import Logging
import TestSupport

/// The built `ingest` as a process of a test's own, with what the test needs to talk to it.
struct RunningIngest: Sendable {
    static let base = "https://bot.example.com"
    static let secret = Secret("a token of the tests")
    static let account = "AC" + String(repeating: "0", count: 32)
    static let form = "application/x-www-form-urlencoded; charset=UTF-8"

    private static let reactor = Reactor(name: "ingest-tests")

    let process: ServerProcess
    let port: Int
    let log: String
    let redis: RedisServer
    var url: String { "http://127.0.0.1:\(port)" }

    /// Lets `body` use an ingest that ends with the scope; `extra` is added to its environment, an empty value taken as unset.
    static func with<R: Sendable>(
        redis: RedisServer, _ extra: [String: String] = [:], isReady: Bool = true,
        _ body: (RunningIngest) async throws -> R
    ) async throws -> R {
        let port = try freePort()
        let log = redis.directory + "/ingest-\(port).log"
        let environment = [
            "PORT": "\(port)", "REDIS_URL": redis.url, "PUBLIC_BASE_URL": base, "TWILIO_ACCOUNT_SID": account,
            "TWILIO_AUTH_TOKEN": secret.value, "TWILIO_WHATSAPP_NUMBER": "whatsapp:+14155238886",
            "LOG_LEVEL": "debug",
        ].merging(extra) { $1 }
        let process = try ourProcess("ingest", environment: environment, log: log)
        let ingest = RunningIngest(process: process, port: port, log: log, redis: redis)
        try await process.start()
        let result: Result<R, any Error>
        do {
            try await until("ingest answers") { connects(toPort: port) }
            if isReady { try await until("ingest is ready") { try await ingest.get("/ready").status == 200 } }
            result = .success(try await body(ingest))
        } catch {
            result = .failure(HarnessError("\(error)\n" + ((try? ingest.logged()) ?? "")))
        }
        try await process.stop()
        return try result.get()
    }

    // MARK: Requests

    func get(_ path: String, headers: [(String, String)] = []) async throws -> RawConnection.Response {
        try await exchange("GET", path, headers, [])
    }

    /// Posts a form as Twilio would: signed for the public address.
    func post(
        _ parameters: [(name: String, value: String)], to path: String = "/webhook/twilio",
        headers: [(String, String)] = []
    ) async throws -> RawConnection.Response {
        try await post(FormParameters.encode(parameters), to: path, headers: headers)
    }

    func post(
        _ body: [UInt8], to path: String = "/webhook/twilio", type: String? = form, signature: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> RawConnection.Response {
        let right = WebhookSigner(secret: Self.secret).signature(url: Self.base + path, form: body)
        var headers = headers
        if let type { headers.append(("Content-Type", type)) }
        if signature != "" { headers.append(("X-Twilio-Signature", signature ?? right)) }
        return try await exchange("POST", path, headers, body)
    }

    func exchange(
        _ method: String, _ path: String, _ headers: [(String, String)], _ body: [UInt8]
    ) async throws -> RawConnection.Response {
        let lines = [("Host", "bot.example.com"), ("Content-Length", "\(body.count)")] + headers
        let head = "\(method) \(path) HTTP/1.1\r\n" + lines.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
        let connection = try RawConnection(port: port)
        try await connection.send(Array(head.utf8) + body)
        guard let response = try await connection.response() else {
            throw HarnessError("no answer to \(method) \(path)")
        }
        return response
    }

    /// A message as Twilio sends it; `changes` replace parameters, and remove them where nil.
    static func message(
        _ number: Int = 1, from: String = "whatsapp:+447700900123", _ changes: [String: String?] = [:]
    ) -> [(name: String, value: String)] {
        let sid = "SM" + Array(withUnsafeBytes(of: number.bigEndian) { $0 }).hex.leftPadded(to: 32)
        return form(
            [
                ("MessageSid", sid), ("AccountSid", account), ("From", from), ("To", "whatsapp:+14155238886"),
                ("Body", "my train was late"), ("NumMedia", "0"), ("ProfileName", "Ana Example"),
            ], changes)
    }

    static func message(_ changes: [String: String?]) -> [(name: String, value: String)] {
        message(1, changes)
    }

    /// News of a message of ours.
    static func status(_ status: String, _ changes: [String: String?] = [:]) -> [(name: String, value: String)] {
        form(
            [
                ("MessageSid", "SM" + String(repeating: "e", count: 32)), ("MessageStatus", status),
                ("SmsStatus", status), ("AccountSid", account), ("From", "whatsapp:+14155238886"),
                ("To", "whatsapp:+447700900123"),
            ], changes)
    }

    private static func form(
        _ parameters: [(String, String)], _ changes: [String: String?]
    ) -> [(name: String, value: String)] {
        let known = Set(parameters.map(\.0))
        return parameters.compactMap { name, value in
            guard let change = changes[name] else { return (name, value) }
            return change.map { (name, $0) }
        } + changes.filter { !known.contains($0.key) }.compactMap { name, value in value.map { (name, $0) } }
    }

    // MARK: What came of it

    func logged() throws -> String { try String(contentsOfFile: log, encoding: .utf8) }

    /// The envelopes on the queue, oldest first.
    func queued(shards: Int = 1) async throws -> [Envelope] {
        var all: [Envelope] = []
        for shard in 0..<shards {
            let reply = try await ask(RedisCommand("LRANGE", .init("{wa:\(shard)}:in"), "0", "-1"))
            for case .bytes(let bytes) in reply.array ?? [] { all.append(try Envelope(decoding: bytes)) }
        }
        return all
    }

    /// Asks Redis as a client of the test's own.
    @discardableResult
    func ask(_ command: RedisCommand) async throws -> RedisValue {
        let client = RedisClient(
            try RedisConfiguration(url: Secret(redis.url)), reactor: Self.reactor, logger: Logger(label: "test"))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            let result: Result<RedisValue, any Error>
            do {
                result = .success(try await client.send(command, within: .seconds(10)))
            } catch {
                result = .failure(error)
            }
            client.shutDown()
            try await group.waitForAll()
            return try result.get()
        }
    }

    /// The value of a series of `/metrics`, named with its labels as there; 0 when it is not there.
    func metric(_ series: String) async throws -> Double {
        let lines = try await get("/metrics").body.split(separator: "\n")
        return lines.first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.count + 1)) } ?? 0
    }
}

extension String {
    fileprivate func leftPadded(to length: Int) -> String { String(repeating: "0", count: length - count) + self }
}
