import Common

/// Why a sink takes nothing for now; it concerns all events alike, so cursors stop and nothing is passed over.
struct SinkError: Error, Hashable, CustomStringConvertible {
    enum Code: Hashable, Sendable {
        /// Not reachable, too slow, or refusing (LOADING, READONLY, OOM): to be tried again.
        case unavailable
        /// The sink has taken events that the log does not have: the database was restored to an earlier state.
        ///
        /// Someone must decide; `outbox_meta.log_id` set to another value begins a new log.
        case foreignHistory
    }
    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    init(_ error: RedisError) { self.init(.unavailable, "redis: \(error)") }
}

/// What a sink did with a batch.
enum SinkAnswer: Hashable, Sendable {
    /// It has all of it now; `count` events, the last ones, it did not have before.
    case taken(count: Int)
    /// Its mark does not fit the cursor; nothing was taken and marks are to be compared.
    case outOfStep
}
