import Common

/// On whose behalf replies are sent.
struct ReplyErrand: Sendable {
    /// The passenger's row in `users`.
    var person: UUID
    /// Of the lease on the passenger; nil where a delivery report's lease is the one held.
    var fence: Int64?
    var correlationID: CorrelationID
}
