/// The names of the queue's keys, and which shard a sender belongs to.
package struct QueueKeys: Hashable, Sendable {
    /// Fixed by `QUEUE_SHARDS`: 1, or 64 on Redis Cluster.
    package let shards: Int

    package init(shards: Int) {
        precondition(shards > 0, "a queue has at least one shard")
        self.shards = shards
    }

    /// CRC-16/XMODEM of the sender, as Redis Cluster hashes keys, modulo the number of shards.
    package func shard(of sender: String) -> Int { shards == 1 ? 0 : Int(crc16(sender.utf8)) % shards }

    /// What every key of a shard begins with; its hash tag keeps them in one slot.
    package func prefix(_ shard: Int) -> String { "{wa:\(shard)}:" }

    /// What is kept under a sender's address beside its messages: the conversation's state and the allowance.
    package func conversation(of sender: String) -> [String] {
        let prefix = prefix(shard(of: sender))
        return [state(of: sender)] + ["rate:\(sender)", "rate:\(sender):notice"].map { prefix + $0 }
    }

    /// The state of a sender's conversation, as JSON.
    package func state(of sender: String) -> String { prefix(shard(of: sender)) + "state:" + sender }

    /// Raw envelopes as accepted.
    package func ingress(_ shard: Int) -> String { prefix(shard) + "in" }
    /// What a worker that waited was handed; always drained before the ingress.
    package func stage(_ shard: Int) -> String { prefix(shard) + "stage" }
    /// Envelopes given up on, with the reason.
    package func dead(_ shard: Int) -> String { prefix(shard) + "dead" }
}
