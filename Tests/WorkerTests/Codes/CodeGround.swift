import Common
import Conversation
import Logging
import TestSupport

@testable import Worker

/// Reads, decides and commits as a worker does, against a migrated database, with a clock of the test's.
///
/// What is left out is the queue, so that any number of people can write at the same moment.
struct CodeGround: Sendable {
    static let codes = OneTimeCode(secret: Secret(String(repeating: "s", count: 40)))

    let postgres: PostgresServer
    let database: String
    private let committer: Committer
    private let reader: TurnReader
    private let decisions: DecisionMaker
    private let clock: Locked<Timestamp>
    private let count = Locked(0)

    /// What a message led to.
    struct Heard: Sendable {
        var state: Conversation.State
        var effects: [Conversation.Effect]
        /// The code that was sent.
        var code: String?

        var reply: Conversation.Reply? {
            for case .reply(let reply) in effects { return reply }
            return nil
        }
    }

    /// A sender: known by number, or by a username only.
    enum Sender: Hashable, Sendable {
        case phone(String)
        case username(Int)

        var address: String {
            switch self {
            case .phone(let number): "whatsapp:" + number
            case .username(let number): "whatsapp:GB.\(number)"
            }
        }
    }

    /// Runs `body` with a database of its own on the suite's Postgres (`.sendingGround`).
    static func run(_ body: (CodeGround) async throws -> Void) async throws {
        guard let shared = SendingGround.shared else { throw HarnessError("there is no ground outside the suite") }
        let database = try await shared.postgres.createDatabase(template: shared.template)
        let reactor = Reactor(name: "codes")
        defer { reactor.stop() }
        let client = PostgresClient(
            try PostgresConfiguration(url: Secret(shared.postgres.url(database: database))), reactor: reactor,
            logger: Logger(label: "test"))
        var values = ConfigurationValues(environment: [
            "TERMS_URL": "https://bot.example.com/terms", "TERMS_VERSION": "1",
        ])
        let conversation = ConversationConfiguration(reading: &values)
        let clock = Locked(Timestamp.now)
        let ground = CodeGround(
            postgres: shared.postgres, database: database,
            committer: Committer(postgres: client, wakeUp: { _ in }, clock: { clock.withLock { $0 } }),
            reader: TurnReader(postgres: client, oneTimeCode: codes, stateTTL: .seconds(90 * 86_400)),
            decisions: DecisionMaker(oneTimeCode: codes, codeChannel: .sms, conversation: conversation), clock: clock)
        try await withThrowingTaskGroup { group in
            group.addTask { await client.run() }
            try await client.ready(within: .seconds(20))
            let result: Result<Void, any Error>
            do { result = .success(try await body(ground)) } catch { result = .failure(error) }
            group.cancelAll()
            try result.get()
        }
    }

    private init(
        postgres: PostgresServer, database: String, committer: Committer, reader: TurnReader,
        decisions: DecisionMaker, clock: Locked<Timestamp>
    ) {
        self.postgres = postgres
        self.database = database
        self.committer = committer
        self.reader = reader
        self.decisions = decisions
        self.clock = clock
    }

    var now: Timestamp { clock.withLock { $0 } }
    func pass(_ duration: Duration) { clock.withLock { $0 = $0 + duration } }
    func set(_ moment: Timestamp) { clock.withLock { $0 = moment } }

    @discardableResult
    func say(_ text: String, from sender: Sender) async throws -> Heard {
        let number = count.withLock { number in
            number += 1
            return String(number)
        }
        let sid = "SM" + String(repeating: "0", count: 32 - number.utf8.count) + number
        var form = [("MessageSid", sid), ("From", sender.address), ("To", Product.whatsAppNumber), ("Body", text)]
        if case .username = sender { form.append(("ExternalUserId", sender.address)) }
        let body = FormParameters.encode(form)
        let message = try InboundMessage(FormParameters(webhook: body))
        let envelope = Envelope(
            messageSID: sid, sender: sender.address, receivedAt: now, correlationID: CorrelationID(), kind: .message,
            body: body)
        let who = Correspondent(message, sender: sender.address)
        // As often as others come in between, who are as many as the test has people.
        for _ in 0..<100 {
            let turn = try await reader.read(who, words: text, seeking: .reference(nil), sid: sid, now: now)
            let from = try turn.state(after: nil)?.state() ?? .start
            let (decision, transition) = decisions.decide(message, from: from, turn.person, envelope, now: now)
            guard try await commit(decision, of: who, turn, envelope) else { continue }
            let coded = decision.replies.first { $0.challenge != nil }
            return Heard(
                state: transition.state, effects: transition.effects,
                code: coded?.code.map { Self.codes.code(of: $0) })
        }
        throw HarnessError("\(sender) never got a turn")
    }

    /// False when something was written since `turn` was read.
    private func commit(
        _ decision: Decision, of who: Correspondent, _ turn: TurnContext, _ envelope: Envelope
    ) async throws -> Bool {
        do {
            try await committer.commit(decision, of: who, turn, envelope, fence: 1)
            return true
        } catch {
            guard HandlingFailure(error) == .readAgain else { throw error }
            return false
        }
    }

    /// Up to the question for the code, which is the answer's.
    @discardableResult
    func register(_ sender: Sender, giving number: String? = nil) async throws -> Heard {
        try await say("hi", from: sender)
        let heard = try await say("YES", from: sender)
        guard let number else { return heard }
        return try await say(number, from: sender)
    }

    /// Six digits that are not the code.
    static func wrong(_ code: String?) -> String { code == "123456" ? "654321" : "123456" }

    func psql(_ sql: String) async throws -> String { try await postgres.psql(sql, database: database) }

    /// The most codes sent to one number within so many seconds.
    func mostSends(within seconds: Int) async throws -> Int {
        let most = try await psql(
            """
            SELECT coalesce(max(n), 0) FROM (
              SELECT (SELECT count(*) FROM whatsapp_handler.otp_challenges b
                       WHERE b.sent_to = a.sent_to AND b.created_at <= a.created_at
                         AND b.created_at > a.created_at - make_interval(secs => \(seconds))) AS n
                FROM whatsapp_handler.otp_challenges a) counted
            """)
        return Int(most) ?? -1
    }

    /// How many guesses were compared with a code, of all and of the code with most.
    func tries() async throws -> (all: Int, mostOfOneCode: Int) {
        let tries = try await psql(
            "SELECT coalesce(sum(attempts), 0), coalesce(max(attempts), 0) FROM whatsapp_handler.otp_challenges"
        ).split(separator: "|").compactMap { Int($0) }
        guard tries.count == 2 else { throw HarnessError("there are no challenges") }
        return (tries[0], tries[1])
    }
}
