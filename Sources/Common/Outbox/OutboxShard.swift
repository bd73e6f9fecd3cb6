/// The part of the outbox log that an ordering key belongs to; events of one shard have one order.
package enum OutboxShard {
    /// How many there are, as `outbox_meta.shards` says too; changing it would reorder a key's events.
    package static let count = 64

    /// The shard of `orderingKey`, 0 to 63.
    package static func of(_ orderingKey: String) -> Int {
        Int(FNV1a.hash64(orderingKey.utf8) % UInt64(count))
    }
}
