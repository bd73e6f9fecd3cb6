/// What was wrong with senders of a shard and has been put right.
///
/// All zero in a queue that only its functions have changed.
package struct QueueRepairs: Hashable, Sendable {
    /// Senders without messages that had a place, a lease, a pause or an owner.
    package var empty = 0
    /// Senders with messages that nobody would have claimed.
    package var unplaced = 0
    /// Owners that could not be read.
    package var owner = 0
    /// Owners without a lease, which would never have run out.
    package var unleased = 0
    /// Leases without an owner.
    package var unowned = 0
    /// Senders with more than one place.
    package var surplus = 0

    package init() {}

    /// Reads the answer of `wa_repair`.
    init(_ reply: RedisValue) throws(RedisError) {
        let numbers = reply.array?.compactMap(\.int) ?? []
        guard numbers.count >= 6 else { throw .ofAnotherRelease }
        (empty, unplaced, owner, unleased, unowned, surplus) = (
            numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]
        )
    }

    package var total: Int { empty + unplaced + owner + unleased + unowned + surplus }

    package static func += (left: inout QueueRepairs, right: QueueRepairs) {
        left.empty += right.empty
        left.unplaced += right.unplaced
        left.owner += right.owner
        left.unleased += right.unleased
        left.unowned += right.unowned
        left.surplus += right.surplus
    }
}
