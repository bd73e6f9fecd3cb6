import Common

@testable import Relay

/// A row of `outbox_parked`.
struct ParkedRow: Hashable, Sendable {
    let sequence: Int
    let state: String
    let attempts: Int
    let status: Int?
    let error: String?
    /// Until it is tried again.
    let secondsLeft: Double
}

extension RelayFixture {
    /// What is parked for a sink, in order.
    func parked(_ sink: String) async throws -> [ParkedRow] {
        let result = try await database.unit(
            """
            SELECT sequence, state, attempts, last_status, last_error,
                   extract(epoch FROM next_attempt_at - clock_timestamp())::float8
            FROM outbox_parked WHERE sink = \(sink) ORDER BY sequence
            """)
        return try result.rows.map { row in
            ParkedRow(
                sequence: try row.column(0), state: try row.column(1), attempts: try row.column(2),
                status: try row.column(3), error: try row.column(4), secondsLeft: try row.column(5))
        }
    }

    /// As if the time of every parked event had come.
    func makeDue(_ sink: String) async throws {
        _ = try await database.unit(
            "UPDATE outbox_parked SET next_attempt_at = clock_timestamp() WHERE sink = \(sink) AND state = 'retry'")
    }

    /// Events that a sink's cursors have not passed: all of a sink that has none yet.
    func pending(_ sink: String) async throws -> Int {
        try await database.unit(
            """
            SELECT count(*) FROM outbox_events e LEFT JOIN outbox_cursors c ON c.shard = e.shard AND c.sink = \(sink)
            WHERE c.last_sequence IS NULL OR e.sequence > c.last_sequence
            """
        ).rows[0].column(0)
    }

    /// Has events published once more.
    func replay(sink: String, sequences: [Int]) async throws {
        _ = try await database.unit(
            """
            INSERT INTO outbox_parked (sink, sequence, is_replay, shard, ordering_key, event, state)
            SELECT \(sink), sequence, true, shard, ordering_key, to_jsonb(e) - 'xid', 'retry'
            FROM outbox_events e WHERE sequence = ANY (\(sequences)::bigint[])
            """)
    }
}
