import Common
import CoreMetrics
import Logging
import TestSupport
import Testing

@testable import Worker

/// One Postgres for all tests of sending, with a migrated database to copy.
struct SendingGround: SuiteTrait, TestScoping {
    @TaskLocal static var shared: (postgres: PostgresServer, template: String)?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withPostgres { postgres in
            let template = try await withProduct(on: postgres) { $0.database }
            try await Self.$shared.withValue((postgres, template)) { try await function() }
        }
    }
}

extension Trait where Self == SendingGround {
    static var sendingGround: Self { SendingGround() }
}

/// What sends replies, put together as in a worker, with real servers, a Twilio of the test's and a clock to be set.
struct Sending: Sendable {
    static let templateSID = "HX" + String(repeating: "7", count: 32)
    static let evaluationSID = "HX" + String(repeating: "8", count: 32)

    let product: Product
    let twilio: ScriptedTwilio
    let postgres: PostgresClient
    let redis: RedisClient
    let sender: ReplySender
    let statuses: StatusHandler
    let registry: PrometheusRegistry
    private let offset: Locked<Duration>

    /// Lets time pass for the decisions, not for the servers.
    func pass(_ duration: Duration) { offset.withLock { $0 += duration } }

    static func ground(
        templates: LateTemplates = LateTemplates(), apiURL: String? = nil, _ body: (Sending) async throws -> Void
    ) async throws {
        guard let shared = SendingGround.shared else { throw HarnessError("there is no ground outside the suite") }
        let twilio = ScriptedTwilio()
        let registry = PrometheusRegistry()
        try await withMetricsFactory(registry) {
            try await twilio.run {
                try await withProduct(on: shared.postgres, template: shared.template) { product in
                    let reactor = Reactor(name: "sending")
                    defer { reactor.stop() }
                    try await withTaskExecutorPreference(reactor) {
                        try await run(product, twilio, registry, reactor, templates, apiURL ?? twilio.url, body)
                    }
                }
            }
        }
    }

    private static func run(
        _ product: Product, _ twilio: ScriptedTwilio, _ registry: PrometheusRegistry, _ reactor: Reactor,
        _ templates: LateTemplates, _ apiURL: String, _ body: (Sending) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let postgres = PostgresClient(
            try PostgresConfiguration(url: Secret(product.postgres.url(database: product.database))),
            reactor: reactor, logger: logger)
        let redis = RedisClient(
            try RedisConfiguration(url: Secret(product.redis.url)), reactor: reactor, logger: logger)
        var values = ConfigurationValues(
            environment: product.environment(.worker).merging(["TWILIO_API_BASE_URL": apiURL]) { $1 })
        let configuration = TwilioConfiguration(reading: &values)
        let offset = Locked(Duration.zero)
        let clock: @Sendable () -> Timestamp = { Timestamp.now + offset.withLock { $0 } }
        let ledger = ReplyLedger(
            postgres: postgres,
            wakeUp: { _ in Counter(label: "test_wake_ups").increment() }, clock: clock)
        let sender = ReplySender(
            ledger: ledger, twilio: TwilioClient(http: HTTPClient(reactor: reactor), configuration: configuration),
            oneTimeCode: OneTimeCode(secret: Secret(String(repeating: "s", count: 40))),
            course: ReplyCourse(evidence: EvidenceSchedule(window: .seconds(150))),
            allowance: SendAllowance(redis: redis, rate: 1000, reactor: reactor, logger: logger),
            gate: TwilioGate(logger: logger), templates: templates, clock: clock, logger: logger)
        let sending = Sending(
            product: product, twilio: twilio, postgres: postgres, redis: redis, sender: sender,
            statuses: StatusHandler(ledger: ledger, sender: sender), registry: registry, offset: offset)
        try await withThrowingTaskGroup { group in
            group.addTask { await postgres.run() }
            group.addTask { await redis.run() }
            try await postgres.ready(within: .seconds(5))
            try await redis.ready(within: .seconds(5))
            let result: Result<Void, any Error>
            do { result = .success(try await body(sending)) } catch { result = .failure(error) }
            group.cancelAll()
            try result.get()
        }
    }

    // MARK: Passengers

    /// A passenger who has written one message and is to get replies to it.
    struct Passenger: Sendable {
        var id = UUID.timeOrdered()
        var phone: String
        var messageSID: String
        var address: String { "whatsapp:" + phone }
    }

    func passenger(_ number: Int, texts: [String] = ["Hello"]) async throws -> Passenger {
        let passenger = Passenger(phone: "+4477009\(10_000 + number)", messageSID: "SMin\(number)")
        let correlation = CorrelationID()
        try await postgres.unit([
            """
            INSERT INTO users (id, sender, phone_number, display_name, fence, last_inbound_at)
            VALUES (\(passenger.id), \(passenger.address), \(passenger.phone), 'Ada  Lovelace', 7, now())
            """,
            """
            INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, processed_at)
            SELECT \(passenger.messageSID), sender, 'message', '', last_inbound_at, now()
              FROM users WHERE id = \(passenger.id)
            """,
        ])
        let replies = texts.enumerated().map { position, text in
            OutboundReply(
                inReplyTo: passenger.messageSID, position: position, sender: passenger.address,
                recipient: passenger.address, channel: .whatsApp, body: text)
        }
        try await postgres.unit(replies.map { $0.insertStatement(user: passenger.id, correlationID: correlation) })
        return passenger
    }

    /// Takes a passenger's replies up, as the handler of a redelivered message does.
    func send(to passenger: Passenger, fence: Int64 = 7) async throws -> ReplySender.Progress {
        let replies = try await sender.ledger.replies(to: passenger.messageSID)
        return try await sender.send(
            replies, for: ReplyErrand(person: passenger.id, fence: fence, correlationID: CorrelationID()))
    }

    /// Hands a report over as the queue does.
    @discardableResult
    func report(
        _ status: String, sid: String, of reply: String, errorCode: Int? = nil
    ) async throws -> ReplySender.Progress {
        try await statuses.handle(
            Envelope(
                messageSID: "\(sid):\(status)", sender: "status:\(reply)", receivedAt: .now,
                correlationID: CorrelationID(), kind: .status,
                body: Array(
                    "MessageSid=\(sid)&MessageStatus=\(status)\(errorCode.map { "&ErrorCode=\($0)" } ?? "")".utf8)))
    }

    // MARK: What is there

    /// `state|attempts|error_code` of a passenger's replies, in order.
    func rows(_ passenger: Passenger) async throws -> [String] {
        try await psql(
            """
            SELECT state, attempts, coalesce(error_code, '') FROM whatsapp_handler.outbound_messages
             WHERE in_reply_to = '\(passenger.messageSID)' ORDER BY position
            """)
    }

    func replyIDs(_ passenger: Passenger) async throws -> [String] {
        try await psql(
            """
            SELECT id FROM whatsapp_handler.outbound_messages
             WHERE in_reply_to = '\(passenger.messageSID)' ORDER BY position
            """)
    }

    /// `type|reason|error_code` of the events about a passenger.
    func events(_ passenger: Passenger) async throws -> [String] {
        try await psql(
            """
            SELECT event_type, payload->>'reason', coalesce(payload->>'error_code', '')
              FROM whatsapp_handler.outbox_events WHERE ordering_key = '\(passenger.id)' ORDER BY sequence
            """)
    }

    func psql(_ sql: String) async throws -> [String] {
        try await product.postgres.psql(sql, database: product.database).split(separator: "\n").map(String.init)
    }

    /// The value of a series on the metrics page; nil when it is not there.
    func metric(_ series: String) -> String? {
        registry.render().split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .map { String($0.dropFirst(series.count + 1)) }
    }
}
