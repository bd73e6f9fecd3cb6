/// What a shard of the queue holds and has done.
package struct QueueStatistics: Hashable, Sendable {
    /// Envelopes that are not yet in their senders' lists; `staged` ones were handed to a worker that waited.
    package var ingress: Int
    package var staged: Int
    /// Senders whose turn it is, that pause, and that a worker has.
    package var ready: Int
    package var delayed: Int
    package var leased: Int
    /// Dead letters.
    package var dead: Int
    /// Messages in the senders' lists.
    package var held: Int
    /// An operator has stopped the shard.
    package var isPaused: Bool
    /// When the oldest waiting message was received, of those that were looked at; nil when none waits.
    package var oldest: Timestamp?
    /// Since Redis has been empty: envelopes taken from the ingress, messages settled, repeated ones dropped, settlements
    /// that came too late, leases that ran out, messages given up on.
    package var drainedTotal: Int
    package var doneTotal: Int
    package var duplicateTotal: Int
    package var staleTotal: Int
    package var reclaimedTotal: Int
    package var deadTotal: Int

    /// All messages that wait.
    package var waiting: Int { ingress + staged + held }

    /// Reads the answer of `wa_stats`.
    init(_ reply: RedisValue) throws(RedisError) {
        let numbers = reply.array?.compactMap(\.int) ?? []
        guard numbers.count >= 15 else { throw .ofAnotherRelease }
        ingress = numbers[0]
        staged = numbers[1]
        ready = numbers[2]
        delayed = numbers[3]
        leased = numbers[4]
        dead = numbers[5]
        held = numbers[6]
        isPaused = numbers[7] == 1
        oldest = numbers[8] > 0 ? Timestamp(microseconds: Int64(numbers[8])) : nil
        drainedTotal = numbers[9]
        doneTotal = numbers[10]
        duplicateTotal = numbers[11]
        staleTotal = numbers[12]
        reclaimedTotal = numbers[13]
        deadTotal = numbers[14]
    }
}

extension RedisError {
    /// A reply of our functions that this release cannot read.
    static let ofAnotherRelease = RedisError(
        .unexpectedReply, "the queue functions answered in another form than this release reads")
}
