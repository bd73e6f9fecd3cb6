package import Common

/// The queue as far as backfill needs it.
package struct BackfillQueue: Sendable {
    private let redis: any RedisService
    private let producer: QueueProducer
    private let client: QueueClient
    private let keys: QueueKeys

    package init(redis: any RedisService, keys: QueueKeys, limits: QueueLimits = QueueLimits()) {
        self.redis = redis
        self.keys = keys
        producer = QueueProducer(redis: redis, keys: keys)
        // Nothing here ever waits for messages: one connection does.
        client = QueueClient(redis: redis, waiting: redis, keys: keys, limits: limits)
    }

    /// Whether a sender's messages are missed here; another database may have them.
    func serves(_ sender: String) -> Bool { keys.serves(sender) }

    /// Pushes one envelope and waits until Redis has it; the allowance of its sender is not asked.
    package func push(_ envelope: Envelope) async throws(BackfillError) {
        do { try await producer.push(envelope) } catch { throw .queue(error) }
    }

    /// What the queue remembers of messages, each given with its sender, for one to two dedup windows.
    ///
    /// Refused ones were turned away for their sender's allowance, who was told so.
    package func remembered(
        _ messages: [(sid: MessageSID, sender: String)]
    ) async throws(BackfillError) -> [MessageSID: BackfillPlan.Knowledge] {
        var known: [MessageSID: BackfillPlan.Knowledge] = [:]
        let shards = Dictionary(grouping: messages) { keys.shard(of: $0.sender) }
        for (shard, messages) in shards {
            do {
                let fates = try await client.seen(shard: shard, messages.map(\.sid.text))
                for (message, fate) in zip(messages, fates) {
                    switch fate {
                    case .unknown: continue
                    case .accepted: known[message.sid] = .queued
                    case .refused: known[message.sid] = .refused
                    }
                }
            } catch { throw .queue(error) }
        }
        return known
    }

    /// How many envelopes are not in their senders' lists yet.
    ///
    /// A message that the queue has and Postgres does not is one of these, or one whose sender waits for something.
    package func depth() async throws(BackfillError) -> Int {
        var depth = 0
        do {
            for shard in keys.served.numbers {
                for list in [keys.ingress(shard), keys.stage(shard)] {
                    depth += try await redis.send(RedisCommand("LLEN", .init(list))).int ?? 0
                }
            }
        } catch { throw .queue(error) }
        return depth
    }
}
