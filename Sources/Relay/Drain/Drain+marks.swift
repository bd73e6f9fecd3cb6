import Common
import Logging

extension Drain {
    /// Compares what the sink says it has with the cursors, and moves cursors to where the sink is.
    ///
    /// Throws `foreignHistory` when the sink has an event that the log does not have.
    func compareMarks() async throws {
        let id = try await identify()
        let marks = try await sink.marks(of: id, shards: Array(held.keys))
        keepsMarks = marks != nil
        var ahead: [HeldShard] = []
        var lost: [HeldShard] = []
        for shard in held.values {
            guard let mark = marks?[shard.shard] else { continue }
            var moved = shard
            moved.cursor = mark
            switch MarkComparison(cursor: shard.cursor, mark: mark) {
            case .inStep: break
            case .ahead: ahead.append(moved)
            case .lostData: lost.append(moved)
            }
        }
        if !ahead.isEmpty { try await follow(ahead) }
        if !lost.isEmpty { try await repair(lost) }
        mustCompareMarks = false
        status.foundForeignHistory(false)
    }

    /// Finds out which log this is, and registers the sink when it is new.
    @discardableResult
    func identify() async throws(PostgresError) -> UUID {
        let (id, isNewSink) = try await log.identity()
        if isNewSink { logger.notice("a new sink begins with the oldest event that is kept") }
        if logID != id { ahead.removeAll() }
        logID = id
        return id
    }

    /// Acknowledges what was published by who died before acknowledging it.
    private func follow(_ marks: [HeldShard]) async throws {
        guard let logID else { return }
        let ids = try await sink.markedEvents(of: logID, shards: marks.map(\.shard))
        let found = try await log.find(marks, ids: ids)
        guard found.count == marks.count else {
            throw SinkError(
                .foreignHistory,
                """
                the stream has events that the log does not have, in \(marks.count - found.count) shard(s): was the \
                database restored? operator outbox accept-restore goes on with the log as it is
                """)
        }
        try await acknowledge(found)
    }

    /// Publishes again what the sink lost.
    private func repair(_ marks: [HeldShard]) async throws(PostgresError) {
        let kept = try await log.rewind(marks)
        for mark in marks where kept.contains(mark.shard) {
            held[mark.shard]?.cursor = mark.cursor
            ahead[mark.shard] = nil
        }
        drop(marks.filter { !kept.contains($0.shard) })
        nextLook = .now
        logger.error("the sink lost events: they are published again", metadata: ["shards": "\(kept.count)"])
    }
}
