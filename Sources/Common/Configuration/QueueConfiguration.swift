/// The message queue as all processes must see it.
///
/// - `QUEUE_SHARDS` (1): how many parts the queue has; the same in every process, and never changed while it holds messages
/// - `QUEUE_SERVED_SHARDS` (all): the parts whose people are in this process's database, as `0-31` or `0,2,8-15`
/// - `QUEUE_LEASE_SECONDS` (20): how long a worker owns a sender without a sign of life
package struct QueueConfiguration: Hashable, Sendable {
    package let shards: Int
    /// Those whose people this process's database has.
    package let served: ServedShards
    package let lease: Duration

    package init(reading values: inout ConfigurationValues) {
        shards = values.int("QUEUE_SHARDS", default: 1, in: 1...1024)
        let total = shards
        served =
            values.optional(
                "QUEUE_SERVED_SHARDS", expected: "shards of the queue, from 0 to \(total - 1), as 0-31 or 0,2,8-15"
            ) {
                ServedShards($0, of: total)
            } ?? ServedShards(all: total)
        lease = values.seconds("QUEUE_LEASE_SECONDS", default: 20, in: 1...600)
    }
}
