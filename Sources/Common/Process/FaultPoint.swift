import Glibc

/// Named places at which a test can have a process die, compiled into debug builds only.
///
/// `FAULT_POINT=after-commit` kills the process the first time it gets there, as `kill -9` would; with
/// `after-commit:3` the third time. Random timing only samples such moments; a test steps through every one of them.
/// Around every effect there is one before and one after; what is decided between two effects leaves no trace, so the
/// place after one effect is also the place before the next that follows at once.
package enum FaultPoint: String, CaseIterable, Sendable {
    // The worker takes a sender and gives it back.
    case beforeClaim = "before-claim"
    case afterClaim = "after-claim"
    case beforeSettle = "before-settle"
    case afterSettle = "after-settle"
    case beforePark = "before-park"
    case afterPark = "after-park"
    case beforeRetry = "before-retry"
    case afterRetry = "after-retry"
    // It reads, decides and commits; `retake` is the commit for a message that was handled before.
    case beforeRead = "before-read"
    case afterRead = "after-read"
    case beforeCommit = "before-commit"
    case afterCommit = "after-commit"
    case beforeRetake = "before-retake"
    case afterRetake = "after-retake"
    // It writes an attempt down, sends the reply and writes down what came of it.
    case beforeAttempt = "before-attempt"
    case beforeSend = "before-send"
    case afterSend = "after-send"
    case afterOutcome = "after-outcome"
    // It has written a template down in place of a reply, and not sent it.
    case afterTemplate = "after-template"
    case afterReplies = "after-replies"
    // It looks for evidence of an attempt without an answer.
    case beforeLookup = "before-lookup"
    case afterLookup = "after-lookup"
    case afterEvidence = "after-evidence"
    // It stores a delivery report.
    case beforeStatus = "before-status"
    case afterStatus = "after-status"
    // It brings an event to the queue of the person whom it is about.
    case beforeRoute = "before-route"
    case afterRoute = "after-route"
    // Redis has forgotten someone who was erased; their dead letters are gone from Redis, and not noted to be.
    case afterForget = "after-forget"
    case beforeCleaned = "before-cleaned"
    // Ingest puts an accepted message on the queue.
    case beforePush = "before-push"
    case afterPush = "after-push"
    // The relay publishes events and moves its cursor.
    case beforePublish = "before-publish"
    case afterPublish = "after-publish"
    case afterCursor = "after-cursor"
    // Backfill pushes a message that it found missing, and then moves its watermark.
    case beforeBackfillPush = "before-backfill-push"
    case afterBackfillPush = "after-backfill-push"

    #if DEBUG
    /// What is armed, and how many times it is still to be passed.
    private static let armed: (point: FaultPoint, left: Locked<Int>)? = {
        guard let words = getenv("FAULT_POINT").map({ String(cString: $0).split(separator: ":") }),
            let point = words.first.flatMap({ FaultPoint(rawValue: String($0)) })
        else { return nil }
        return (point, Locked(words.dropFirst().first.flatMap { Int($0) } ?? 1))
    }()
    #endif

    /// Marks that the process has got to this place.
    @inline(__always)
    package func reached() {
        #if DEBUG
        guard let armed = Self.armed, armed.point == self else { return }
        let left = armed.left.withLock { left in
            left -= 1
            return left
        }
        if left == 0 { kill(getpid(), SIGKILL) }
        #endif
    }
}
