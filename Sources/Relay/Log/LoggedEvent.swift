import Common

/// An event as it stands in the log.
struct LoggedEvent: Sendable {
    let sequence: Int64
    let id: String
    let type: String
    let version: Int
    let orderingKey: String
    let occurredAt: Timestamp
    /// A JSON object.
    let payload: String
    let traceparent: String?
}

/// A shard that a relay holds, under the epoch it claimed it with.
struct HeldShard: Hashable, Sendable {
    let shard: Int
    let epoch: Int64
    /// The sequence of the last event acknowledged.
    var cursor: Int64
}

/// Events of one shard that follow its cursor, without a gap.
struct ShardBatch: Sendable {
    /// Up to how many events of a shard are published together.
    static let limit = 100

    let held: HeldShard
    var events: [LoggedEvent]

    /// Whether there may be more behind it.
    var isFull: Bool { events.count >= Self.limit }

    /// That all of it is published; nil when it is empty.
    var acknowledgement: Acknowledgement? {
        events.last.map {
            Acknowledgement(shard: held.shard, epoch: held.epoch, sequence: $0.sequence, occurredAt: $0.occurredAt)
        }
    }
}

/// How far a shard is published.
struct Acknowledgement: Hashable, Sendable {
    let shard: Int
    let epoch: Int64
    let sequence: Int64
    let occurredAt: Timestamp
}
