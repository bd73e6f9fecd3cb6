/// The hint that spares the relay its polling: after its commit a writer PUBLISHes the shard it appended to.
///
/// A lost hint costs at most the relay's longest polling pause, never an event.
package enum OutboxWakeUp {
    /// The Redis Pub/Sub channel.
    package static let channel = "whatsapp_handler.outbox"

    /// What is said when shards were released, so that other relays take them at once.
    package static let shardsReleased = "*"

    /// What is said after appending to `shard`.
    package static func payload(shard: Int) -> String { String(shard) }
}
