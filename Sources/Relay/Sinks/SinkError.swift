import Common

/// Why a sink takes nothing for now; it concerns all events alike, so cursors stop and nothing is passed over.
struct SinkError: Error, Hashable, CustomStringConvertible {
    enum Code: Hashable, Sendable {
        /// Not reachable, too slow, or refusing (LOADING, READONLY, OOM, 429, 503): to be tried again.
        case unavailable
        /// The sink has taken events that the log does not have: the database was restored to an earlier state.
        ///
        /// Someone must decide; `outbox_meta.log_id` set to another value begins a new log.
        case foreignHistory
        /// It wants no events any more (410 Gone): nothing is sent until someone enables it again.
        case disabled
    }
    let code: Code
    let description: String
    /// How long it asks to be left alone.
    let retryAfter: Duration?

    init(_ code: Code, _ description: String, retryAfter: Duration? = nil) {
        self.code = code
        self.description = description
        self.retryAfter = retryAfter
    }

    init(_ error: RedisError) { self.init(.unavailable, "redis: \(error)") }
}
