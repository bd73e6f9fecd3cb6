import Common

/// What a restore of the database left behind, and a new log in its place.
struct LogRestore: Sendable {
    let outbox: ConnectedOutbox
    /// Whether all that the log has is published again.
    let everything: Bool

    /// What there is before anything is done.
    struct Finding: Sendable {
        let logID: UUID
        /// Shards whose marks name events that the log does not have.
        let ahead: [Int]
        /// The highest sequence that the stream has had.
        let highest: Int64
        /// How many events will be published, all sinks together.
        let events: Int
    }

    func look() async throws -> Finding {
        let logID = try await outbox.postgres.logID()
        let marks = try await OutboxMarks(redis: outbox.redis, keys: outbox.keys, log: logID).read()
        let shards = Array(marks.keys)
        let known: SQL = """
            SELECT n.shard
              FROM unnest(\(shards)::smallint[], \(shards.map { marks[$0]?.sequence ?? 0 })::bigint[],
                          \(shards.map { marks[$0]?.id })::text[]) AS n (shard, mark, id)
             WHERE EXISTS (SELECT FROM outbox_events e
                            WHERE e.shard = n.shard AND e.sequence = n.mark AND e.id::text = coalesce(n.id, e.id::text))
                OR n.mark <= (SELECT max(c.last_sequence) FROM outbox_cursors c WHERE c.sink = \(Self.redis) AND c.shard = n.shard)
            """
        let pending: SQL = """
            SELECT count(*) FROM outbox_cursors c JOIN outbox_events e ON e.shard = c.shard
             WHERE \(everything)::boolean OR e.sequence > c.last_sequence
            """
        let results = try await outbox.postgres.onLog(
            [known.named("operator_restore"), pending.named("operator_restore_count")], within: .seconds(60))
        var unknown = Set(shards)
        for row in results[0].rows { unknown.remove(try row.column(0)) }
        return Finding(
            logID: logID, ahead: unknown.sorted(), highest: marks.values.map(\.sequence).max() ?? 0,
            events: try results[1].rows[0].column(0))
    }

    private static let redis = RelayConfiguration.Sink.redis.rawValue

    /// Begins the new log; gives back its identity.
    ///
    /// Its marks are written first, under a name that nobody uses yet; the one transaction that makes the name the log's
    /// also gives the shards back. The old marks go last: a relay that still believes in the old log then finds them
    /// behind its cursors and adds nothing.
    func carryOut(_ finding: Finding) async throws -> UUID {
        let takeover = try await ShardTakeover(of: nil, on: outbox.postgres)
        let new = UUID.random()
        do {
            let cursors = takeover.shards.filter { $0.sink == Self.redis && $0.cursor > 0 && !everything }
            // Also where there is no cursor: the position in the stream is noted.
            try await OutboxMarks(redis: outbox.redis, keys: outbox.keys, log: new)
                .begin(at: Dictionary(uniqueKeysWithValues: cursors.map { ($0.number, $0.cursor) }))
        } catch {
            try? await takeover.giveBack()
            await outbox.announceRelease()
            throw error
        }
        try await takeover.giveBack(after: statements(new, finding))
        try await OutboxMarks(redis: outbox.redis, keys: outbox.keys, log: finding.logID).delete()
        await outbox.announceRelease()
        return new
    }

    private func statements(_ new: UUID, _ finding: Finding) -> [SQL] {
        let identity: SQL = "UPDATE outbox_meta SET log_id = \(new)"
        let numbers: SQL = """
            SELECT setval('outbox_sequence', greatest(last_value, \(finding.highest)::bigint)) FROM outbox_sequence
            """
        let back: SQL = "UPDATE outbox_cursors SET last_sequence = 0, last_occurred_at = '-infinity'"
        return [identity.named("operator_new_log"), numbers] + (everything ? [back] : [])
    }
}
