/// What of a batch a sink is asked to take.
///
/// Not those whose key has parked events: they follow these. Not those that it took before, ahead of an event that it
/// did not: the cursor could not pass that one.
struct BatchOffer: Sendable {
    /// All that is decided about, in order.
    let batch: ShardBatch
    /// What the sink took before.
    let known: Set<Int64>
    /// What it is asked to take; may have no events.
    let offered: ShardBatch

    /// `limit` is how many events are offered at most; what is behind the last of them is left for later.
    init(_ batch: ShardBatch, known: Set<Int64> = [], limit: Int = .max) {
        if known.isEmpty, batch.blockedKeys.isEmpty, batch.events.count <= limit {
            (self.batch, self.known, offered) = (batch, [], batch)
            return
        }
        var considered = batch
        considered.events = []
        var offered = considered
        for event in batch.events {
            let isOffered = !known.contains(event.sequence) && !batch.blockedKeys.contains(event.orderingKey)
            if isOffered {
                if offered.events.count == limit { break }
                offered.events.append(event)
            }
            considered.events.append(event)
        }
        self.batch = considered
        self.known = known
        self.offered = offered
    }

    /// Whether there is nothing in the batch that it is not asked to take.
    var isWhole: Bool { offered.events.count == batch.events.count }

    /// The keys of events that will be parked if anything is acknowledged, whatever the sink says.
    var blockedKeys: Set<String> {
        Set(batch.events.lazy.map(\.orderingKey).filter { batch.blockedKeys.contains($0) })
    }
}
