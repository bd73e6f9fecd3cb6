/// How shards are divided into lanes that are published beside each other.
enum ShardLanes {
    /// More would not keep Postgres, the relay and the sink busier.
    static let most = 8
    /// Fewer than this in a lane are not worth a round trip of their own.
    static let fewest = 8

    /// Divides `shards` into as many lanes as are worth it, of nearly the same length; one if there are few.
    static func split<Shard>(_ shards: [Shard]) -> [[Shard]] {
        let count = min(most, max(1, shards.count / fewest))
        return (0..<count).map { lane in
            Array(shards[shards.count * lane / count..<shards.count * (lane + 1) / count])
        }
    }
}
