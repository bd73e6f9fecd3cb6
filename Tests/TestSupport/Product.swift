package import Common
import Glibc
import Logging
import NIOHTTP1

/// The whole service as built: Redis, Postgres, the three processes and the simulator, each to be killed at will.
package struct Product: Sendable {
    package enum Program: String, Sendable, CaseIterable { case ingest, worker, relay, simulator }

    package let redis: RedisServer
    package let postgres: PostgresServer
    package let database: String
    package let directory: String
    package let ports: [Program: Int]
    package let http: HTTPClient

    package static let accountSID = "AC00000000000000000000000000000000"
    package static let authToken = "0123456789abcdef0123456789abcdef"
    package static let whatsAppNumber = "whatsapp:+14155238886"
    package static let publicURL = "https://bot.example.com"

    /// Where the built programs lie: beside the test bundle.
    package static var programs: String {
        let bundle = CommandLine.arguments[0]
        return bundle.lastIndex(of: "/").map { String(bundle[..<$0]) } ?? "."
    }

    package func url(_ program: Program, _ path: String) -> String {
        "http://127.0.0.1:\(ports[program] ?? 0)\(path)"
    }

    /// What `program` finds in its environment, and nothing else.
    package func environment(_ program: Program) -> [String: String] {
        [
            "APP_ENV": "test", "PORT": "\(ports[program] ?? 0)", "REDIS_URL": redis.url,
            "DATABASE_URL": postgres.url(database: database), "TWILIO_ACCOUNT_SID": Self.accountSID,
            "TWILIO_AUTH_TOKEN": Self.authToken, "TWILIO_WHATSAPP_NUMBER": Self.whatsAppNumber,
            "TWILIO_SMS_NUMBER": "+14155238886", "TWILIO_API_BASE_URL": url(.simulator, ""),
            "PUBLIC_BASE_URL": Self.publicURL, "OTP_SECRET": String(repeating: "s", count: 40),
            "TERMS_URL": "https://bot.example.com/terms", "TERMS_VERSION": "1",
            "SIMULATOR_WEBHOOK_URL": url(.ingest, "/webhook/twilio"), "PATH": "/usr/bin:/bin",
        ]
    }

    /// Starts a program, with further variables, and waits until it is ready unless told not to.
    package func start(
        _ program: Program, _ variables: [String: String] = [:], untilReady: Bool = true
    ) async throws -> ServerProcess {
        let all = environment(program).merging(variables) { $1 }
        let process = ServerProcess(
            "env", ["-i"] + all.map { "\($0.key)=\($0.value)" }.sorted() + ["\(Self.programs)/\(program.rawValue)"],
            log: log(program))
        try await process.start()
        if untilReady {
            try await until("\(program.rawValue) is ready") {
                (try? await http.send(HTTPRequest(.GET, url(program, program == .simulator ? "/" : "/ready"))))?.status
                    == 200
            }
        }
        return process
    }

    /// Where a program's output goes.
    package func log(_ program: Program) -> String { "\(directory)/\(program.rawValue).log" }

    /// Posts a signed message to ingest as Twilio would, and gives back the status of its answer.
    ///
    /// `media` are the addresses and types of files, under which `text` is written.
    @discardableResult
    package func say(
        _ text: String, sid: String, from: String, name: String = "Ada", media: [(url: String, type: String)] = [],
        headers: [(String, String)] = []
    ) async throws -> Int {
        LogWatch.note([LogSecret(.phoneNumber, String(from.dropFirst()))], in: directory)
        LogWatch.note([LogSecret.body(text)].compactMap { $0 } + LogSecret.codes(in: text), in: directory)
        return try await post(
            headers: headers,
            [
                ("SmsMessageSid", sid), ("NumMedia", "\(media.count)"), ("ProfileName", name),
                ("MessageType", media.isEmpty ? "text" : "image"),
                ("SmsSid", sid), ("WaId", String(from.dropFirst())), ("SmsStatus", "received"), ("Body", text),
                ("To", Self.whatsAppNumber), ("NumSegments", "1"), ("ReferralNumMedia", "0"), ("MessageSid", sid),
                ("AccountSid", Self.accountSID), ("From", "whatsapp:\(from)"), ("ApiVersion", "2010-04-01"),
            ] + media.enumerated().flatMap { [("MediaUrl\($0)", $1.url), ("MediaContentType\($0)", $1.type)] })
    }

    /// Posts a form, signed as Twilio signs it, to ingest, and gives back the status of its answer.
    package func post(headers: [(String, String)] = [], _ parameters: [(String, String)]) async throws -> Int {
        let form = FormParameters.encode(parameters)
        var request = HTTPRequest(.POST, url(.ingest, "/webhook/twilio"), body: form)
        let signature = WebhookSigner(secret: Secret(Self.authToken)).signature(
            url: Self.publicURL + "/webhook/twilio", form: form)
        request.headers = HTTPHeaders(
            [("Content-Type", "application/x-www-form-urlencoded"), ("X-Twilio-Signature", signature)] + headers)
        return try await http.send(request).status
    }

    /// What the simulator was asked to send to an address, oldest first, read through Twilio's own interface.
    package func replies(to address: String) async throws -> [String] {
        let query = String(decoding: FormParameters.encode([("To", address), ("PageSize", "1000")]), as: UTF8.self)
        var request = HTTPRequest(
            .GET, url(.simulator, "/2010-04-01/Accounts/\(Self.accountSID)/Messages.json?\(query)"))
        request.basicAuthentication = (Self.accountSID, Secret(Self.authToken))
        let response = try await http.send(request)
        guard response.status == 200 else { throw HarnessError("the simulator answered \(response.status)") }
        let replies = try MessageBodies(json: response.body).oldestFirst
        LogWatch.note(
            replies.flatMap { LogSecret.codes(in: $0) + [LogSecret.body($0)].compactMap { $0 } }, in: directory)
        return replies
    }

    /// Has the simulator make something go wrong: `{"kind": "reset", "times": 3}`, as docs/simulator.md tells.
    package func fault(_ json: String) async throws {
        let answer = try await http.send(HTTPRequest(.POST, url(.simulator, "/api/faults"), body: Array(json.utf8)))
        guard answer.status == 201 else { throw HarnessError("the fault was answered \(answer.status)") }
    }

    /// Forgets the faults that have not struck yet.
    package func clearFaults() async throws {
        _ = try await http.send(HTTPRequest(.DELETE, url(.simulator, "/api/faults")))
    }

    /// The fields of the stream's entries, oldest first.
    package func events() async throws -> [[String: String]] {
        let entries = try await redisCommand("XRANGE", "whatsapp_handler.events", "-", "+")
        return (entries.array ?? []).map { entry in
            let fields = entry.array?.last?.array?.compactMap(\.string) ?? []
            return Dictionary(
                stride(from: 0, to: fields.count - 1, by: 2).map { (fields[$0], fields[$0 + 1]) },
                uniquingKeysWith: { $1 })
        }
    }

    /// Runs one command on a connection of its own.
    @discardableResult
    package func redisCommand(_ name: String, _ arguments: RedisArgument...) async throws -> RedisValue {
        let reactor = Reactor(name: "command")
        defer { reactor.stop() }
        let client = RedisClient(
            try RedisConfiguration(url: Secret(redis.url)), reactor: reactor, logger: Logger(label: "test"))
        return try await withThrowingTaskGroup { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            try await client.ready(within: .seconds(5))
            return try await client.send(RedisCommand(name, arguments))
        }
    }
}

/// Runs `body` with servers up, the schema migrated and no program started yet.
package func withProduct<R: Sendable>(
    durable: Bool = false, _ body: (Product) async throws -> R
) async throws -> R {
    try await withPostgres(durable: durable) { postgres in try await withProduct(on: postgres, body) }
}

/// The same on a Postgres that others use too, with a database and a Redis of its own.
///
/// A `template` is a database that was migrated before, which is copied instead of migrating a new one.
package func withProduct<R: Sendable>(
    on postgres: PostgresServer, template: String? = nil, redisOptions: [String] = ["--appendonly", "yes"],
    _ body: (Product) async throws -> R
) async throws -> R {
    try await withRedis(options: redisOptions) { redis in
        let reactor = Reactor(name: "product")
        defer { reactor.stop() }
        let product = Product(
            redis: redis, postgres: postgres, database: try await postgres.createDatabase(template: template),
            directory: redis.directory,
            ports: try Dictionary(
                uniqueKeysWithValues: Product.Program.allCases.map { ($0, try freePort()) }),
            http: HTTPClient(reactor: reactor))
        if template == nil { try await product.migrate() }
        return try await body(product)
    }
}
