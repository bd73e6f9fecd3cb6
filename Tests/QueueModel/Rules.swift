/// The numbers of one model: how much there is of everything, and what is wrong with it on purpose.
package struct Rules: Hashable, Sendable {
    /// 1 to 4.
    package var senders = 2
    /// Messages a claim brings at most.
    package var messagesPerClaim = 2
    /// Envelopes moved to their senders in one call.
    package var drained = 2
    /// More deliveries than this and the head goes to the dead letters.
    package var deliveries = 2
    /// Leases reclaimed and delays promoted in one call.
    package var batch = 64
    package var bugs: Bugs = []

    package init() {}

    /// Whose message it is: messages are numbered, and dealt out to the senders in turn.
    package func sender(of message: Int) -> Int { message % senders }
}

/// Mistakes that one could make in the protocol; the search has to find each.
package struct Bugs: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A settle that does not ask whose fence it is.
    package static let settleWithoutFence = Bugs(rawValue: 1 << 0)
    /// A claim that leaves the sender in the ring.
    package static let claimLeavesReady = Bugs(rawValue: 1 << 1)
    /// A drain that takes messages from the ingress before they are at their senders.
    package static let drainRemovesFirst = Bugs(rawValue: 1 << 2)
    /// A commit that does not compare its fence with the stored one.
    package static let commitWithoutFence = Bugs(rawValue: 1 << 3)
    /// A drain that remembers no SIDs.
    package static let noDedup = Bugs(rawValue: 1 << 4)
    /// A commit that does not record the message.
    package static let noInboundRow = Bugs(rawValue: 1 << 5)
    /// A release that uses up a delivery.
    package static let releaseCounts = Bugs(rawValue: 1 << 6)
    /// A settle that trims one message too many.
    package static let trimsOneTooMany = Bugs(rawValue: 1 << 7)
    /// Fences from a counter in Redis alone, which goes back when Redis loses its last second.
    package static let fenceFromCounterAlone = Bugs(rawValue: 1 << 8)
    /// A handler that trusts the state in Redis although Postgres has a later outcome.
    package static let trustsStateInRedis = Bugs(rawValue: 1 << 9)
    /// A settle that trims the list while its fence is still good, so that repeating it trims again.
    package static let trimsBeforeDisowning = Bugs(rawValue: 1 << 10)
    /// A drain that remembers the SID before the message is at its sender.
    package static let remembersBeforeAdding = Bugs(rawValue: 1 << 11)
    /// A reply that is sent again without asking the provider.
    package static let sendsBlindly = Bugs(rawValue: 1 << 12)
    /// A reply that is sent without asking whose turn it is.
    package static let sendsWithoutFence = Bugs(rawValue: 1 << 13)
    /// A retry that moves the message, not the sender: to the end of its list.
    package static let retryMovesTheMessage = Bugs(rawValue: 1 << 14)
    /// An expired lease that is never given to another.
    package static let neverReclaims = Bugs(rawValue: 1 << 15)
    /// A ring that takes what is new before what waits.
    package static let newestFirst = Bugs(rawValue: 1 << 16)
    /// What a blocked worker was handed is put behind the ingress.
    package static let stageBehindIngress = Bugs(rawValue: 1 << 17)
    /// A settle that leaves the owner of an idle sender behind.
    package static let leavesOwner = Bugs(rawValue: 1 << 18)
    /// An attempt at a reply that does not ask whether another was made since the reply was read.
    package static let attemptsWithoutComparing = Bugs(rawValue: 1 << 19)
    /// A commit that does not ask whether the latest outcome is still the one that was read.
    package static let decidesFromAnOldRead = Bugs(rawValue: 1 << 20)
    /// A backfill that leaves out what was committed but not answered.
    package static let backfillForgetsReplies = Bugs(rawValue: 1 << 21)
}
