/// The hint that spares the relay its polling: after its commit a writer PUBLISHes the shard it appended to.
///
/// A lost hint costs at most the relay's longest polling pause, never an event.
package enum OutboxWakeUp {
    /// The Redis Pub/Sub channel.
    package static let channel = "whatsapp_handler.outbox"

    /// What a relay says that gave shards back, so that others take them at once.
    package static let shardsReleased = "*"

    /// What is said after appending to `shard`.
    package static func payload(shard: Int) -> String { String(shard) }

    /// Tells the relays that `shard` has new events; not worth waiting for.
    package static func command(shard: Int) -> RedisCommand {
        RedisCommand("PUBLISH", .text(channel), .text(payload(shard: shard)))
    }

    /// Tells the relays that shards are free.
    package static var releaseCommand: RedisCommand {
        RedisCommand("PUBLISH", .text(channel), .text(shardsReleased))
    }
}
