import Common
import Glibc
import TestSupport

/// A log with events, and a built relay to bring them to their stream.
struct OutboxFixture: Sendable {
    static let stream = "whatsapp_handler.events"

    let queue: QueueFixture
    let relay: ServerProcess
    /// Whose events there are.
    let users = (0..<6).map { _ in UUID.timeOrdered() }

    var environment: [String: String] { queue.environment }

    init(_ queue: QueueFixture) throws {
        self.queue = queue
        relay = try ourProcess(
            "relay",
            environment: queue.environment.merging([
                "PORT": "\(try freePort())", "RELAY_LEASE_SECONDS": "2", "LOG_LEVEL": "warning",
                "PATH": "/usr/bin:/bin",
            ]) { $1 }, log: queue.redis.directory + "/relay.log")
    }

    /// Runs the operator: `outbox` and these words.
    func outbox(_ arguments: String...) async throws -> OperatorRun {
        try await OperatorRun(["outbox"] + arguments, environment: environment)
    }

    func sql(_ text: String) async throws -> String { try await queue.sql(text) }

    func count(_ condition: String) async throws -> Int {
        Int(try await sql("SELECT count(*) FROM \(condition)")) ?? -1
    }

    /// Appends events of the users in turn, all in one transaction.
    func append(_ count: Int, type: OutboxEventType = .userOptedIn, users: [UUID]? = nil) async throws {
        let users = users ?? self.users
        let appended = (0..<count).map { index in
            let user = users[index % users.count]
            return """
                SELECT outbox_append('\(UUID.timeOrdered())', \(OutboxShard.of(user.description)), '\(user)', 'user', \
                '\(user)', '\(type.rawValue)', 1, '{"phone_number": "+447700900123"}', 'c-\(index)', NULL, NULL)
                """
        }
        _ = try await sql(appended.joined(separator: "; "))
    }

    func length() async throws -> Int {
        try await queue.redis("XLEN", .text(Self.stream)).int ?? 0
    }

    func untilLength(_ length: Int) async throws {
        try await until("the stream has \(length) entries") { try await self.length() == length }
    }

    /// Waits until every cursor of the sink stands at its shard's last event.
    func untilPublished() async throws {
        try await until("all is published") {
            try await count(
                """
                outbox_events e LEFT JOIN outbox_cursors c ON c.sink = 'redis' AND c.shard = e.shard \
                WHERE c.sink IS NULL OR e.sequence > c.last_sequence
                """) == 0
        }
    }

    /// Runs a relay beside `body`.
    func withRelay<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        try await relay.start()
        let result: Result<R, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        try await relay.stop(SIGTERM)
        return try result.get()
    }

    /// Has `count` events published, and the relay gone again.
    func publish(_ count: Int) async throws {
        try await append(count)
        try await withRelay { try await untilPublished() }
    }

    /// The sequences of a user's entries in the stream, in its order.
    func sequences(of user: UUID) async throws -> [Int] {
        try await entries().filter { $0["subject"] == user.description }.compactMap { $0["seq"].flatMap { Int($0) } }
    }

    /// The stream's entries, their fields and their place under `place`.
    func entries() async throws -> [[String: String]] {
        (try await queue.redis("XRANGE", .text(Self.stream), "-", "+").array ?? []).map { entry in
            var fields = ["place": entry.array?.first?.string ?? ""]
            let words = entry.array?.last?.array?.compactMap(\.string) ?? []
            for index in stride(from: 0, to: words.count - 1, by: 2) { fields[words[index]] = words[index + 1] }
            return fields
        }
    }

    /// Parks events of the log for a sink, as the relay does with what it refuses.
    func park(_ sequences: String, state: String, sink: String = "redis") async throws {
        _ = try await sql(
            """
            INSERT INTO outbox_parked (sink, sequence, shard, ordering_key, event, state, attempts, next_attempt_at)
            SELECT '\(sink)', sequence, shard, ordering_key, to_jsonb(e), '\(state)', 7, now() + interval '1 day'
            FROM outbox_events e WHERE sequence IN (\(sequences))
            """)
    }
}

func withOutboxFixture(_ body: (OutboxFixture) async throws -> Void) async throws {
    try await withQueueFixture { try await body(try OutboxFixture($0)) }
}

/// What `outbox verify --json` says.
struct VerifyReport: Decodable {
    struct Difference: Decodable {
        var count: Int
        var first: [String]
    }
    var events: Int
    var entries: Int
    var present: Int
    var parked: Int
    var trimmed: Int
    var replays: Int
    var ofEarlierLogs: Int
    var differences: [String: Difference]

    /// The kinds of differences that there are, with their numbers.
    var found: [String: Int] { differences.mapValues(\.count).filter { $0.value > 0 } }
}
