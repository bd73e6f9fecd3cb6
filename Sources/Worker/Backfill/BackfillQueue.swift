package import Common

/// The queue as far as backfill needs it.
package struct BackfillQueue: Sendable {
    private let redis: any RedisService
    private let producer: QueueProducer
    private let keys: QueueKeys

    package init(redis: any RedisService, keys: QueueKeys) {
        self.redis = redis
        self.keys = keys
        producer = QueueProducer(redis: redis, keys: keys)
    }

    /// Pushes one envelope and waits until Redis has it.
    package func push(_ envelope: Envelope) async throws(BackfillError) {
        let result = await withCheckedContinuation { continuation in
            producer.push(envelope) { continuation.resume(returning: $0) }
        }
        if case .failure(let error) = result { throw .queue(error) }
    }

    /// How many envelopes are not in their senders' lists yet.
    ///
    /// A message that the queue has and Postgres does not is one of these, or one whose sender waits for something.
    package func depth() async throws(BackfillError) -> Int {
        var depth = 0
        do {
            for shard in 0..<keys.shards {
                for list in [keys.ingress(shard), keys.stage(shard)] {
                    depth += try await redis.send(RedisCommand("LLEN", .init(list))).int ?? 0
                }
            }
        } catch { throw .queue(error) }
        return depth
    }
}
