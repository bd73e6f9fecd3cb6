package import Common

/// The messages that this reader has pushed into the Redis that runs now.
///
/// One that waits for its turn is listed again in each round, and pushed once. When Redis was lost, so are they.
package final class PushedMessages: Sendable {
    /// More than fit are pushed a second time at worst, which the queue and Postgres absorb.
    private static let limit = 200_000
    private let sids = Locked<Set<MessageSID>>([])

    package init() {}

    package func insert(_ sid: MessageSID) {
        sids.withLock { sids in
            if sids.count >= Self.limit { sids = [] }
            sids.insert(sid)
        }
    }

    package func contains(_ sid: MessageSID) -> Bool { sids.withLock { $0.contains(sid) } }

    /// Forgets everything: another Redis runs.
    package func clear() { sids.withLock { $0 = [] } }
}
