import Common

/// A part of the log: a day of it, or what no day was made for.
struct OutboxPartition: Sendable {
    enum State: String, Sendable {
        /// Younger than events are kept.
        case kept
        /// Made for a day to come.
        case ahead
        /// Old enough, and passed by every sink: the next maintenance drops it.
        case due
        /// Old enough, but a sink is behind it.
        case held
        /// Takes what no day was made for.
        case rest
    }

    let name: String
    let state: State
    let bytes: Int64
    /// As of the last ANALYZE; nil before the first.
    let estimatedEvents: Int64?
    /// The sinks that have events in it before them.
    let behind: [String]

    init(_ row: PostgresRow) throws(PostgresError) {
        name = try row.column("name")
        bytes = try row.column("bytes")
        let estimate: Int64 = try row.column("events")
        estimatedEvents = estimate < 0 ? nil : estimate
        behind = try row.column("behind", as: String.self).split(separator: ",").map(String.init)
        let isDay: Bool = try row.column("is_day")
        let (isOld, isAhead): (Bool, Bool) = (try row.column("is_old"), try row.column("is_ahead"))
        state = !isDay ? .rest : isAhead ? .ahead : !isOld ? .kept : behind.isEmpty ? .due : .held
    }

    /// All partitions, oldest first.
    static let query: SQL = {
        let sql: SQL = """
            WITH parts AS (
                SELECT c.oid, c.relname::text AS name, c.reltuples::bigint AS events,
                       c.relname ~ '^outbox_events_[0-9]{8}$' AS is_day,
                       CASE WHEN c.relname ~ '^outbox_events_[0-9]{8}$'
                            THEN to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC' END AS day
                  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'outbox_events'::regclass
            )
            SELECT p.name, p.events, p.is_day, pg_total_relation_size(p.oid) AS bytes,
                   coalesce(p.day + interval '1 day' < now() - \(OutboxOverview.keepDays)::bigint * interval '1 day', false)
                       AS is_old,
                   coalesce(p.day > now(), false) AS is_ahead,
                   coalesce((SELECT string_agg(DISTINCT k.sink, ',' ORDER BY k.sink) FROM outbox_cursors k
                              WHERE p.day < now() AND EXISTS (
                                    SELECT FROM outbox_events e
                                     WHERE e.shard = k.shard AND e.sequence > k.last_sequence
                                       AND e.occurred_at >= p.day AND e.occurred_at < p.day + interval '1 day')), '')
                       AS behind
              FROM parts p ORDER BY p.is_day DESC, p.name
            """
        return sql.named("operator_partitions")
    }()

    var row: [String] {
        let megabytes = bytes < 1 << 20 ? "\((bytes + 1023) / 1024) kB" : "\(bytes >> 20) MB"
        let words =
            switch state {
            case .held: "held: \(behind.joined(separator: ", ")) is behind"
            case .due: "dropped at the next maintenance"
            case .ahead: "ahead"
            case .kept: "kept"
            case .rest: "for days without a partition"
            }
        return [name, megabytes, estimatedEvents.map { "~\($0)" } ?? "-", words]
    }

    var json: JSONValue {
        [
            "name": .string(name), "state": .string(state.rawValue), "bytes": .integer(Int(bytes)),
            "estimated_events": .integer(estimatedEvents.map { Int($0) }),
            "behind": .array(behind.map { .string($0) }),
        ]
    }
}
