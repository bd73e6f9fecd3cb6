/// The place of a unit in the transaction that it may share with others: by the locks it takes.
///
/// Groups take what they contend for in one order, rows of replies before shards of the outbox, so that two of them never
/// wait for each other.
package enum PostgresUnitOrder: Comparable, Sendable {
    /// Changes one row that others change too: in the order of its id.
    case row(UUID)
    /// Appends to one shard of the outbox, or to none (-1), and for the rest only touches what nobody else has a turn at.
    case shard(Int)
}
