/// The message queue as all processes must see it.
///
/// - `QUEUE_SHARDS` (1): how many parts the queue has; the same in every process, and never changed while it holds messages
/// - `QUEUE_LEASE_SECONDS` (20): how long a worker owns a sender without a sign of life
package struct QueueConfiguration: Hashable, Sendable {
    package let shards: Int
    package let lease: Duration

    package init(reading values: inout ConfigurationValues) {
        shards = values.int("QUEUE_SHARDS", default: 1, in: 1...1024)
        lease = values.seconds("QUEUE_LEASE_SECONDS", default: 20, in: 1...600)
    }
}
