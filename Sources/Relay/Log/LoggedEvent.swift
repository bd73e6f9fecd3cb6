import Common

/// An event as it stands in the log.
struct LoggedEvent: Hashable, Sendable {
    let sequence: Int64
    let id: String
    let type: String
    let version: Int
    let orderingKey: String
    let occurredAt: Timestamp
    /// What it is about: `user` or `journey`, and which one.
    let aggregateType: String
    let aggregateID: String
    /// A JSON object.
    let payload: String
    let correlationID: String
    /// The MessageSid that caused it.
    let causationID: String?
    let traceparent: String?
    /// Where in a trace its cause stands; nil without one, or when it is none.
    var trace: TraceParent? { traceparent.flatMap { TraceParent($0) } }
    /// Whether someone asked for it to be published once more: sinks say so, consumers may ignore it.
    var isReplay = false
}

/// A shard that a relay holds, under the epoch it claimed it with.
struct HeldShard: Hashable, Sendable {
    let shard: Int
    let epoch: Int64
    /// The sequence of the last event acknowledged.
    var cursor: Int64
    /// Where in the database the cursor's row was seen last.
    var place: CursorPlace?
}

/// Events of one shard, in their order.
struct ShardBatch: Sendable {
    /// Up to how many events of a shard are published together.
    static let limit = 100

    /// Where the events come from.
    enum Source: Hashable, Sendable {
        /// They follow the cursor, without a gap: what a sink's mark counts.
        case log
        /// They were parked, or are to be published once more: the cursor has passed them.
        case parked
    }

    let held: HeldShard
    var events: [LoggedEvent]
    var source = Source.log
    /// Keys of which events are parked that must go first.
    var blockedKeys: Set<String> = []

    /// Whether there may be more behind it.
    var isFull: Bool { events.count >= Self.limit }

    /// That all of it is published; nil when it is empty.
    var acknowledgement: Acknowledgement? {
        events.last.map {
            Acknowledgement(
                shard: held.shard, epoch: held.epoch, sequence: $0.sequence, occurredAt: $0.occurredAt)
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
