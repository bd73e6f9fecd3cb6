/// A mistake put into the model on purpose, and what has to show it: proof that the search can fail.
package struct Mutation: Sendable, CustomStringConvertible {
    package var name: String
    package var bugs: Bugs
    package var expected: Set<Invariant>
    package var faults: Int
    package var kinds: Set<Action.Kind>
    package var senders = 2

    package var description: String { name }

    package var scope: Scope {
        var scope = Scope(name, kinds: kinds)
        scope.rules.bugs = bugs
        scope.rules.senders = senders
        scope.faults = faults
        scope.limit = 2_000_000
        return scope
    }

    private init(
        _ name: String, _ bugs: Bugs, _ expected: Set<Invariant>, faults: Int, _ kinds: Set<Action.Kind>,
        senders: Int = 2
    ) {
        (self.name, self.bugs, self.expected) = (name, bugs, expected)
        (self.faults, self.kinds, self.senders) = (faults, kinds, senders)
    }

    package static let all: [Mutation] = [
        .init("a settle without the fence check", .settleWithoutFence, [.i3, .i6, .i13], faults: 1, [.outlive]),
        .init("a claim that leaves the sender in ready", .claimLeavesReady, [.i1], faults: 0, []),
        .init("a drain that removes before it adds", .drainRemovesFirst, [.i9], faults: 1, [.cut]),
        .init("a SID remembered before its message is added", .remembersBeforeAdding, [.i9, .i11], faults: 1, [.cut]),
        .init("a settle that trims before it disowns", .trimsBeforeDisowning, [.i6, .i9], faults: 1, [.cut]),
        .init("a commit without the fence check", .commitWithoutFence, [.i10], faults: 1, [.outlive]),
        .init(
            "neither SIDs in Redis nor rows in Postgres", [.noDedup, .noInboundRow], [.i8], faults: 1, [.pushAgain]),
        .init("rows in Postgres missing alone, after a crash", .noInboundRow, [.i8], faults: 1, [.crash]),
        .init("a release that counts the delivery", .releaseCounts, [.i13], faults: 1, [.release]),
        .init("a trim of one too many", .trimsOneTooMany, [.i6, .i9], faults: 0, []),
        .init("fences from the counter alone", .fenceFromCounterAlone, [.i4], faults: 1, [.lose]),
        .init(
            "a state in Redis believed before the latest outcome", .trustsStateInRedis, [.state], faults: 1, [.lose],
            senders: 1),
        .init("a decision from an old read", .decidesFromAnOldRead, [.state], faults: 1, [.lose]),
        .init("a reply sent again blindly", .sendsBlindly, [.replyOnce], faults: 1, [.silence]),
        .init(
            "a reply sent without fence and comparison", [.sendsWithoutFence, .attemptsWithoutComparing], [.replyOnce],
            faults: 1, [.outlive]),
        .init("an attempt that compares nothing", .attemptsWithoutComparing, [.replyOnce], faults: 1, [.outlive]),
        .init("a retry that moves the message", .retryMovesTheMessage, [.i7], faults: 1, [.fail]),
        .init("leases that are never reclaimed", .neverReclaims, [.i11], faults: 1, [.crash]),
        .init("the newest first in the ring", .newestFirst, [.i11b], faults: 0, [], senders: 3),
        .init("the stage behind the ingress", .stageBehindIngress, [.i7, .i14], faults: 0, []),
        .init("an owner left behind", .leavesOwner, [.i12], faults: 0, []),
        .init("a backfill that forgets replies", .backfillForgetsReplies, [.i11], faults: 1, [.lose]),
    ]
}
