import Common
import CoreMetrics
import Logging
import ServiceLifecycle

/// Deletes messages, spent codes and dead letters that are older than `RETENTION_DAYS`, here and in Redis.
///
/// Every worker does, once an hour and a few rows at a time; what one has locked another passes over.
struct MessageRetention: Service {
    let postgres: PostgresClient
    let redis: any RedisService
    let queue: QueueClient
    /// `RETENTION_DAYS`.
    let period: Duration
    /// How long an idle conversation is remembered, by the outcome of its latest message.
    let stateTTL: Duration
    let logger: Logger

    private static let interval = Duration.seconds(3600)
    /// Batches of one table in one round; what is left is the next round's.
    private static let mostBatches = 400
    private static let progressEvery = 40
    private static let lettersAtOnce = 100

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Those who start together do not look together.
            try? await Task.sleep(for: .seconds(Int64.random(in: 1...15)))
            while !Task.isCancelled {
                await round()
                try? await Task.sleep(for: Self.interval)
            }
        }
        try? await gracefulShutdown()
    }

    private func round() async {
        do {
            let deleted = try await expire(now: .now)
            guard !deleted.isEmpty else { return }
            logger.info(
                "deleted what is older than RETENTION_DAYS",
                metadata: Dictionary(uniqueKeysWithValues: deleted.map { ($0.key, "\($0.value)") }))
        } catch {
            logger.warning("old rows could not be deleted: tried again in an hour", metadata: ["cause": "\(error)"])
        }
    }

    /// What is younger stays, whatever else holds.
    func limit(of table: ExpiringTable, now: Timestamp) -> Timestamp {
        switch table {
        case .inboundMessages, .outboundMessages, .otpChallenges, .erasures: now - max(period, stateTTL)
        case .deadLetters: now - period
        }
    }

    /// Deletes everything that is too old, and tells how many rows of which table, and entries of Redis' dead lists.
    func expire(now: Timestamp) async throws -> [String: Int] {
        // Redis first: what it has would be recorded again.
        var deleted: [String: Int] = [:]
        let letters = try await expireDeadLists(olderThan: limit(of: .deadLetters, now: now))
        if letters > 0 { deleted["redis_dead"] = letters }
        for table in ExpiringTable.allCases {
            let rows = try await expire(table, now: now)
            if rows > 0 { deleted[table.rawValue] = rows }
        }
        try await postgres.unit(ErasedCodes.expire(now: now))
        return deleted
    }

    private func expire(_ table: ExpiringTable, now: Timestamp) async throws(PostgresError) -> Int {
        var total = 0
        let deletion = table.deletion(olderThan: limit(of: table, now: now))
        for batch in 1...Self.mostBatches where !Task.isCancelled {
            let rows = try await postgres.unit(deletion).affected
            total += rows
            Counter(label: MetricName.retentionDeleted.rawValue, dimensions: [("table", table.rawValue)])
                .increment(by: rows)
            if rows < ExpiringTable.rowsAtOnce { break }
            if batch.isMultiple(of: Self.progressEvery) {
                logger.info("deleting old rows", metadata: ["table": "\(table.rawValue)", "rows": "\(total)"])
            }
        }
        return total
    }

    /// Takes old letters off Redis' dead lists, which have the oldest first.
    private func expireDeadLists(olderThan moment: Timestamp) async throws(RedisError) -> Int {
        var total = 0
        for shard in queue.keys.served.numbers where !Task.isCancelled {
            while !Task.isCancelled {
                let reply = try await redis.send(
                    RedisCommand("LRANGE", .init(queue.keys.dead(shard)), 0, .init(Self.lettersAtOnce - 1)))
                var old: [[UInt8]] = []
                for case .bytes(let entry) in reply.array ?? [] {
                    let at = DeadLetter(entry: entry).at
                    // What has no date is an operator's to look at.
                    if at < moment, at.microseconds > 0 { old.append(entry) }
                }
                guard !old.isEmpty else { break }
                let removed = try await queue.discard(shard: shard, sids: [], entries: old)
                total += removed
                if old.count < Self.lettersAtOnce || removed == 0 { break }
            }
        }
        return total
    }
}
