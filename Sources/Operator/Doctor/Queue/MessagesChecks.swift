import Common

/// Whether stored messages were never processed.
struct UnprocessedCheck: DoctorCheck {
    static let name = "unprocessed"
    let count: Int
    let oldest: Duration?

    var findings: [Finding] {
        guard count > 0, let oldest else { return [.ok("every stored message was processed")] }
        return [
            .warning(
                "\(count) stored messages were never processed, the oldest since \(Output.age(oldest))",
                mend: "operator replay --since 7d --dry-run shows them, --yes puts them back on the queue")
        ]
    }
}

/// Whether replies arrive.
struct RepliesCheck: DoctorCheck {
    static let name = "replies"
    /// In the last hour.
    let made: Int
    let failed: Int
    let unknown: Int
    /// Twilio's code that is most frequent among the failures.
    let commonError: String?

    var findings: [Finding] {
        let code = commonError.map { ", most with Twilio's error \($0)" } ?? ""
        if failed > 0, failed * 10 >= made {
            let text = "\(failed) of \(made) replies of the last hour failed\(code)"
            let mend =
                "https://www.twilio.com/docs/api/errors says what the code means; 63016: set TWILIO_TEMPLATE_REPLY; 63007, 21606: our sender is wrong"
            return [failed * 2 >= made ? .problem(text, mend: mend) : .warning(text, mend: mend)]
        }
        if unknown > 10 {
            return [
                .warning(
                    "of \(unknown) replies nobody knows whether they were sent",
                    mend: "they are looked up by themselves; docs/runbook.md: “one passenger waits”")
            ]
        }
        return [.ok(made == 0 ? "none in the last hour" : "\(made) in the last hour, \(failed) failed")]
    }
}

/// Asks the tables.
struct MessagesObserver: Sendable {
    private let servers: DoctorServers

    init(_ servers: DoctorServers) { self.servers = servers }

    /// Counted up to so many: what waits is next to nothing, or a disaster.
    private static let most = 10_000
    private static let hour = Duration.seconds(3600)

    func checks() async throws -> [any DoctorCheck] {
        let postgres = try await servers.currentPostgres()
        let since = Timestamp.now - Self.hour
        let unprocessed: SQL = """
            SELECT count(*), min(received_at) FROM (
              SELECT received_at FROM inbound_messages
               WHERE processed_at IS NULL AND received_at < \(Timestamp.now - .seconds(60)) ORDER BY received_at LIMIT \(Self.most)) i
            """
        let replies: SQL = """
            SELECT count(*), count(*) FILTER (WHERE state IN ('failed', 'undelivered')),
                   count(*) FILTER (WHERE state = 'unknown'),
                   mode() WITHIN GROUP (ORDER BY error_code) FILTER (WHERE state IN ('failed', 'undelivered'))
              FROM (SELECT state, error_code FROM outbound_messages WHERE created_at >= \(since)
                     ORDER BY created_at DESC LIMIT \(Self.most)) o
            """
        let dead: SQL = """
            SELECT count(*) FROM (SELECT 1 FROM dead_letters WHERE replayed_at IS NULL AND discarded_at IS NULL
                                   ORDER BY at LIMIT \(Self.most)) d
            """
        let results = try await postgres.unit([unprocessed, replies, dead].map { $0.named("doctor_messages") })
        guard let waits = results[0].rows.first, let sent = results[1].rows.first, let given = results[2].rows.first
        else {
            throw PostgresError(.undecodable, "the database counted nothing")
        }
        // The table has those that a worker has recorded; Redis those since.
        var letters: Int = try given.column(0)
        if let queue = try? await servers.redis() {
            var inRedis = 0
            for shard in queue.keys.all { inRedis += try await queue.queue.stats(shard: shard).dead }
            letters = max(letters, inRedis)
        }
        return [
            UnprocessedCheck(
                count: try waits.column(0), oldest: try waits.column(1, as: Timestamp?.self).map { .now - $0 }),
            RepliesCheck(
                made: try sent.column(0), failed: try sent.column(1), unknown: try sent.column(2),
                commonError: try sent.column(3)),
            DeadLettersCheck(count: letters),
        ]
    }
}
