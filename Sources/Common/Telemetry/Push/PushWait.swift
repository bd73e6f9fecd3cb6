/// What a `PushService` waits for, and what ends the wait.
package enum PushWait: Hashable, Sendable, CaseIterable {
    /// For the first entry.
    case anything
    /// For more entries to go with the first, or until they have waited long enough.
    case company
    /// For the other side to recover.
    case recovery

    /// What is the case while it waits.
    package struct Situation: Hashable, Sendable {
        package var isEmpty: Bool
        package var hasFullBatch: Bool
        package var isFinishing: Bool

        package init(isEmpty: Bool, hasFullBatch: Bool, isFinishing: Bool) {
            self.isEmpty = isEmpty
            self.hasFullBatch = hasFullBatch
            self.isFinishing = isFinishing
        }
    }

    package func isOver(_ situation: Situation) -> Bool {
        switch self {
        case .anything: !situation.isEmpty || situation.isFinishing
        case .company: situation.hasFullBatch || situation.isFinishing
        // Only its time ends it, and the beginning of the last flush.
        case .recovery: false
        }
    }
}
