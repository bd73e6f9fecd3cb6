import Common

/// Reads the log and the stream for a comparison, the log first: what it has before its cursors is in the stream by then.
struct LogAndStream: Sendable {
    static let sink = RelayConfiguration.Sink.redis.rawValue
    /// How many events of the log are compared at most.
    static let limit = 20_000_000
    private static let page = 2000
    /// By how much the clocks of Postgres and Redis may differ.
    private static let clockDifference = Duration.seconds(5)

    let outbox: ConnectedOutbox
    let since: Timestamp?

    func compare() async throws -> StreamComparison {
        let marks = OutboxMarks(redis: outbox.redis, keys: outbox.keys, log: try await outbox.postgres.logID())
        let cursors = try await cursors()
        // Before the stream: what is no longer parked after this is in it.
        let parked = try await parked()
        let erased = try await erased()
        var comparison = StreamComparison(
            cursors: cursors, boundaries: try await marks.boundaries(), beginning: try await marks.beginning())
        var bar = ProgressBar("reading the log", total: 0)
        defer { bar.end() }
        for (shard, cursor) in cursors.sorted(by: { $0.key < $1.key }) {
            try await readLog(shard, to: cursor, into: &comparison) { bar.show($0) }
        }
        bar.end()
        let shape = try await shape()
        var other = ProgressBar("reading the stream", total: shape.length)
        defer { other.end() }
        try await readStream(into: &comparison) { other.show($0) }
        comparison.finish(
            parked: parked, erased: erased, trimmable: try await lastBefore(shape.trimmedUntil), removed: shape.removed)
        return comparison
    }

    // MARK: The log

    private func cursors() async throws(PostgresError) -> [Int: Int64] {
        let sql: SQL = "SELECT shard, last_sequence FROM outbox_cursors WHERE sink = \(Self.sink)"
        var cursors: [Int: Int64] = [:]
        for row in try await outbox.postgres.unit(sql.named("operator_positions")).rows {
            cursors[try row.column(0)] = try row.column(1)
        }
        return cursors
    }

    private func parked() async throws(PostgresError) -> Set<Int64> {
        let sql: SQL = "SELECT sequence FROM outbox_parked WHERE sink = \(Self.sink) AND NOT is_replay"
        var sequences: Set<Int64> = []
        for row in try await outbox.postgres.unit(sql.named("operator_parked")).rows {
            sequences.insert(try row.column(0))
        }
        return sequences
    }

    /// Events that told who somebody was who is erased: their entries were taken out of the stream.
    private func erased() async throws(PostgresError) -> Set<Int64> {
        let sql: SQL = """
            SELECT e.sequence FROM erasures x JOIN outbox_events e ON e.ordering_key = x.user_id::text
             WHERE e.payload ?| \(PersonalTable.personalFields)
            """
        var sequences: Set<Int64> = []
        for row in try await outbox.postgres.onLog([sql.named("operator_erased")], within: .seconds(60))[0].rows {
            sequences.insert(try row.column(0))
        }
        return sequences
    }

    private func readLog(
        _ shard: Int, to cursor: Int64, into comparison: inout StreamComparison, _ show: (Int) -> Void
    ) async throws {
        var last: Int64 = 0
        while true {
            let sql: SQL = """
                SELECT sequence, id::text FROM outbox_events
                 WHERE shard = \(shard)::smallint AND sequence > \(last)::bigint AND sequence <= \(cursor)::bigint
                   AND occurred_at >= \(since ?? .infinitelyEarly)
                 ORDER BY sequence LIMIT \(Self.page)
                """
            let rows = try await outbox.postgres.onLog([sql.named("operator_log_page")], within: .seconds(60))[0].rows
            for row in rows {
                last = try row.column(0)
                comparison.add(sequence: last, id: try row.column(1), shard: shard)
            }
            show(comparison.events)
            guard comparison.events <= Self.limit else {
                throw OutboxFailure("The log has more than \(Self.limit) events: narrow it down with --since.")
            }
            if rows.count < Self.page { return }
        }
    }

    /// Of each shard the last event that had occurred by `moment`.
    private func lastBefore(_ moment: Timestamp?) async throws(PostgresError) -> [Int: Int64] {
        guard let moment else { return [:] }
        let sql: SQL = """
            SELECT c.shard, (SELECT e.sequence FROM outbox_events e
                              WHERE e.shard = c.shard AND e.occurred_at <= \(moment + Self.clockDifference)
                              ORDER BY e.sequence DESC LIMIT 1)
              FROM outbox_cursors c WHERE c.sink = \(Self.sink)
            """
        var last: [Int: Int64] = [:]
        let rows = try await outbox.postgres.onLog([sql.named("operator_trimmable")], within: .seconds(60))[0].rows
        for row in rows { last[try row.column(0)] = try row.column(1, as: Int64?.self) }
        return last
    }

    // MARK: The stream

    /// How long the stream is and what it once had.
    private struct Shape: Sendable {
        var length = 0
        /// Entries that were trimmed or deleted.
        var removed = 0
        /// What was trimmed had been added by then; nil when nothing was.
        var trimmedUntil: Timestamp?
    }

    private func shape() async throws(RedisError) -> Shape {
        let reply: [RedisValue]
        do throws(RedisError) {
            reply = try await outbox.redis.send(RedisCommand("XINFO", "STREAM", .text(outbox.keys.stream))).array ?? []
        } catch {
            // "ERR no such key": nobody has published anything, or everything is gone.
            guard case .server = error.code else { throw error }
            return Shape()
        }
        var fields: [String: RedisValue] = [:]
        for index in stride(from: 0, to: reply.count - 1, by: 2) {
            if let name = reply[index].string { fields[name] = reply[index + 1] }
        }
        let length = fields["length"]?.int ?? 0
        // A server before 7.0 does not count what it removes.
        let removed = fields["entries-added"]?.int.map { $0 - length } ?? .max
        let first = fields["first-entry"]?.array?.first?.string ?? fields["last-generated-id"]?.string
        let until = first.flatMap { StreamID($0) }.map { Timestamp(microseconds: $0.milliseconds * 1000) }
        return Shape(length: length, removed: removed, trimmedUntil: removed > 0 ? until : nil)
    }

    private func readStream(into comparison: inout StreamComparison, _ show: (Int) -> Void) async throws {
        var start = "-"
        if let since, since.milliseconds > 60_000 { start = "\(since.milliseconds - 60_000)-0" }
        while true {
            let command = RedisCommand(
                "XRANGE", .text(outbox.keys.stream), .text(start), "+", "COUNT", .integer(Self.page))
            let entries = try await outbox.redis.send(command, within: .seconds(10)).array ?? []
            for entry in entries {
                guard let parts = entry.array, parts.count == 2, let text = parts[0].string,
                    let place = StreamID(text), let words = parts[1].array
                else { throw RedisError(.unexpectedReply, "XRANGE answered something that is no entry") }
                start = "(" + text
                if let event = Self.event(at: place, words) { comparison.add(event) }
            }
            show(comparison.entries)
            if entries.count < Self.page { return }
        }
    }

    /// Nil for what is no event of ours.
    private static func event(at place: StreamID, _ words: [RedisValue]) -> StreamComparison.Entry? {
        var (id, key, sequence, isReplay) = ("", "", Int64?.none, false)
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            switch words[index].string {
            case "id": id = words[index + 1].string ?? ""
            case "subject": key = words[index + 1].string ?? ""
            case "seq": sequence = words[index + 1].string.flatMap { Int64($0) }
            case "replay": isReplay = true
            case _: break
            }
        }
        return sequence.map {
            StreamComparison.Entry(place: place, id: id, key: key, sequence: $0, isReplay: isReplay)
        }
    }
}
