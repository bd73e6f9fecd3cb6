import Glibc

/// Named places at which a test can have a process die, compiled into debug builds only.
///
/// `FAULT_POINT=after-commit` kills the process the first time it gets there, as `kill -9` would. Random timing only
/// samples such moments; a test steps through every one of them.
package enum FaultPoint: String, CaseIterable, Sendable {
    case afterClaim = "after-claim"
    case afterRead = "after-read"
    case beforeCommit = "before-commit"
    case afterCommit = "after-commit"
    case beforeSend = "before-send"
    case afterSend = "after-send"
    case afterReplies = "after-replies"
    case afterSettle = "after-settle"

    #if DEBUG
        private static let armed = getenv("FAULT_POINT").flatMap { FaultPoint(rawValue: String(cString: $0)) }
    #endif

    /// Marks that the process has got to this place.
    @inline(__always)
    package func reached() {
        #if DEBUG
            if self == Self.armed { kill(getpid(), SIGKILL) }
        #endif
    }
}
