import Common

/// Where the log and its sinks are at one moment, by the database's clock.
struct OutboxOverview: Sendable {
    /// Up to how many events of a shard are counted, so that a long outage does not make looking slow.
    static let countLimit = 10_000
    /// How long a partition is kept at least, as `outbox_maintain` has it.
    static let keepDays = 7

    /// A sink's place in a shard.
    struct Shard: Sendable {
        let number: Int
        let cursor: Int64
        let epoch: Int64
        /// The living relay that holds it.
        let owner: String?
        let pending: Int
        let oldest: Timestamp?
    }

    /// A sink and its shards.
    struct Sink: Sendable {
        let name: String
        var shards: [Shard] = []
        var relays: [String] = []
        /// Parked events by state: retry, blocked, dead.
        var parked: [String: Int] = [:]
        /// Events that are to be published once more.
        var replays = 0
        /// Since when, and why, it gets nothing until someone enables it.
        var disabled: (since: Timestamp, reason: String)?

        var oldest: Timestamp? { shards.compactMap(\.oldest).min() }
        var pending: Int { shards.reduce(0) { $0 + $1.pending } }
        var isCapped: Bool { shards.contains { $0.pending >= OutboxOverview.countLimit } }
        var unowned: [Int] { shards.filter { $0.owner == nil }.map(\.number) }
        var waiting: Int { (parked["retry"] ?? 0) + (parked["blocked"] ?? 0) }
        var dead: Int { parked["dead"] ?? 0 }
    }

    let at: Timestamp
    let logID: UUID
    var sinks: [Sink] = []
    let partitions: [OutboxPartition]

    init(of sink: String?, on postgres: PostgresClient) async throws(PostgresError) {
        let results = try await postgres.onLog([
            Self.meta, Self.cursors(of: sink), Self.relays, Self.parked, OutboxPartition.query, Self.disabled,
        ])
        guard let meta = results[0].rows.first else {
            throw PostgresError(.undecodable, "outbox_meta has no row: was the schema migrated?")
        }
        at = try meta.column(0)
        logID = try meta.column(1)
        partitions = try results[4].rows.map { row throws(PostgresError) in try OutboxPartition(row) }
        var found: [String: Sink] = [:]
        for row in results[1].rows {
            let name: String = try row.column("sink")
            found[name, default: Sink(name: name)].shards.append(
                Shard(
                    number: try row.column("shard"), cursor: try row.column("last_sequence"),
                    epoch: try row.column("epoch"), owner: try row.column("owner"),
                    pending: try row.column("events"), oldest: try row.column("oldest")))
        }
        for row in results[2].rows { found[try row.column(0)]?.relays.append(try row.column(1)) }
        for row in results[3].rows {
            let (name, state): (String, String) = (try row.column(0), try row.column(1))
            if state == "replay" {
                found[name]?.replays = try row.column(2)
            } else {
                found[name]?.parked[state] = try row.column(2)
            }
        }
        for row in results[5].rows {
            found[try row.column(0)]?.disabled = (try row.column(1), try row.column(2))
        }
        sinks = found.values.sorted { $0.name < $1.name }
    }

    private static let meta: SQL = "SELECT clock_timestamp(), log_id FROM outbox_meta"

    private static func cursors(of sink: String?) -> SQL {
        let sql: SQL = """
            SELECT c.sink, c.shard, c.last_sequence, c.epoch, behind.events, behind.oldest,
                   CASE WHEN c.lease_until > clock_timestamp() THEN c.owner END AS owner
              FROM outbox_cursors c
              CROSS JOIN LATERAL (
                   SELECT count(*) AS events, min(occurred_at) AS oldest
                     FROM (SELECT e.occurred_at FROM outbox_events e
                            WHERE e.shard = c.shard AND e.sequence > c.last_sequence
                              AND e.occurred_at >= c.last_occurred_at - interval '1 day'
                            ORDER BY e.sequence LIMIT \(countLimit)::bigint) e
                   ) behind
             WHERE \(sink)::text IS NULL OR c.sink = \(sink)
             ORDER BY c.sink, c.shard
            """
        return sql.named("operator_cursors")
    }

    private static let relays: SQL = """
        SELECT sink, owner FROM outbox_relays WHERE lease_until > clock_timestamp() ORDER BY sink, owner
        """
    private static let parked: SQL = """
        SELECT sink, CASE WHEN is_replay AND state <> 'dead' THEN 'replay' ELSE state END, count(*)
          FROM outbox_parked GROUP BY 1, 2
        """
    private static let disabled: SQL = """
        SELECT sink, disabled_at, coalesce(disabled_reason, '') FROM outbox_sinks WHERE disabled_at IS NOT NULL
        """

    /// How old the oldest event is that waits; nothing waiting is no age.
    func lag(_ oldest: Timestamp?) -> Duration { oldest.map { max(.zero, at - $0) } ?? .zero }
}
