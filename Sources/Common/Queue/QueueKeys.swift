/// The names of the queue's keys, and which shard a sender belongs to.
package struct QueueKeys: Hashable, Sendable {
    /// Fixed by `QUEUE_SHARDS`: 1, or 64 on Redis Cluster.
    package let shards: Int
    /// Those that this process answers for (`QUEUE_SERVED_SHARDS`).
    package let served: ServedShards

    package init(shards: Int) { self.init(ServedShards(all: shards)) }

    package init(_ served: ServedShards) {
        precondition(served.total > 0, "a queue has at least one shard")
        shards = served.total
        self.served = served
    }

    /// CRC-16/XMODEM of the sender, as Redis Cluster hashes keys, modulo the number of shards.
    package func shard(of sender: String) -> Int { shards == 1 ? 0 : Int(crc16(sender.utf8)) % shards }

    /// Whether what a sender writes is handled here.
    package func serves(_ sender: String) -> Bool { served.areAll || served.contains(shard(of: sender)) }

    /// Whether the delivery reports of a reply, which queue under `status:<id>`, are handled here.
    package func servesReports(of reply: UUID) -> Bool { served.areAll || serves("status:\(reply)") }

    /// A new reply's id, of those whose delivery reports are handled here.
    ///
    /// It is drawn until it is right: as often, on average, as there are databases that share the queue.
    package func newReplyID() -> UUID {
        var id = UUID.timeOrdered()
        while !servesReports(of: id) { id = .timeOrdered() }
        return id
    }

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
