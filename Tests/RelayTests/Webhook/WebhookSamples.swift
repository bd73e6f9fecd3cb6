import Common

@testable import Relay

/// Events and batches for tests that need no log.
enum WebhookSamples {
    static func event(_ sequence: Int64, key: String, payload: String = #"{"a": 1}"#, traceparent: String? = nil)
        -> LoggedEvent
    {
        LoggedEvent(
            sequence: sequence, id: "event-\(sequence)", type: "user.opted_in", version: 1, orderingKey: key,
            occurredAt: Timestamp(seconds: 1_795_392_000), aggregateType: "user", aggregateID: key, payload: payload,
            correlationID: "c-\(sequence)", causationID: nil, traceparent: traceparent)
    }

    /// A batch of one shard; `keys` are those of its events in order, numbered from `first`.
    static func batch(
        _ keys: [String], first: Int64 = 1, shard: Int = 0, epoch: Int64 = 1, cursor: Int64 = 0
    ) -> ShardBatch {
        ShardBatch(
            held: HeldShard(shard: shard, epoch: epoch, cursor: cursor),
            events: keys.enumerated().map { event(first + Int64($0.offset), key: $0.element) })
    }
}
