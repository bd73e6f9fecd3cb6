import Common

/// On whose behalf replies are sent.
struct ReplyErrand: Sendable {
    /// The passenger's row in `users`.
    var person: UUID
    /// Of the lease on the passenger; nil where a delivery report's lease is the one held.
    var fence: Int64?
    var correlationID: CorrelationID
    /// The conversation that the replies belong to.
    var conversationID: UUID?
    /// The span of what is sent, for the events that tell of it.
    var trace: TraceParent?
    /// The person is erased: it is the last they hear of us, nothing takes its place, and nobody is told of its failing.
    var isFarewell = false

    /// The errand of the reply to who asked to be erased: their row, and with it the fence, is gone.
    ///
    /// That a reply is attempted once by those who think that it is theirs, its row alone sees to.
    static func farewell(
        _ person: UUID, _ correlationID: CorrelationID, _ conversationID: UUID? = nil
    ) -> ReplyErrand {
        ReplyErrand(
            person: person, fence: nil, correlationID: correlationID, conversationID: conversationID, isFarewell: true)
    }
}
