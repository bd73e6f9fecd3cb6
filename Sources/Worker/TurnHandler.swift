import Common
import Conversation
import Logging

/// Takes one envelope of a person all the way: read, decide, commit, reply.
///
/// What is decided is the caller's; that it happens exactly once is the same for all.
struct TurnHandler: Sendable {
    let reader: TurnReader
    let committer: Committer
    let replies: ReplySender
    let farewell: Farewell
    let metrics: HandlerMetrics
    let clock: @Sendable () -> Timestamp
    let logger: Logger
    /// Whose delivery reports come back here.
    var keys = QueueKeys(shards: 1)

    /// What one envelope leads to, and the states it goes between; nil when it leads to nothing and is not recorded.
    typealias Decide = (TurnContext, Conversation.State, Timestamp) async throws -> (
        decision: Decision, to: Conversation.State
    )?

    /// Handles `envelope`, whose text is `words`, and which may be about the claim that is sought.
    ///
    /// Throws `PostgresError` and what `decide` throws.
    func handle(
        _ envelope: Envelope, of who: Correspondent, words: String, seeking sought: StoredClaim.Sought,
        _ redisState: SenderState, _ claim: QueueClaim, decide: Decide
    ) async throws -> TurnResult {
        let started = ContinuousClock.now
        metrics.stage("queued", max(.zero, clock() - envelope.receivedAt))
        FaultPoint.beforeRead.reached()
        var turn = try await reader.read(who, words: words, seeking: sought, sid: envelope.messageSID, now: clock())
        FaultPoint.afterRead.reached()
        turn.person.conversationID = Self.conversation(turn, redisState)
        return try await withConversationID(turn.person.conversationID) {
            try await handle(envelope, of: who, turn, redisState, claim, since: started, decide: decide)
        }
    }

    /// The conversation that goes on, or a new one; nil of what is handled again and belonged to none.
    ///
    /// It lasts as long as its state: who writes after that begins another.
    private static func conversation(_ turn: TurnContext, _ redisState: SenderState) -> UUID? {
        if let past = turn.past { return past.state?.conversation.flatMap { UUID($0) } }
        return turn.state(after: redisState.value)?.conversation.flatMap { UUID($0) } ?? .random()
    }

    private func handle(
        _ envelope: Envelope, of who: Correspondent, _ turn: TurnContext, _ redisState: SenderState,
        _ claim: QueueClaim, since started: ContinuousClock.Instant, decide: Decide
    ) async throws -> TurnResult {
        let conversationID = turn.person.conversationID
        let farewellErrand = ReplyErrand.farewell(turn.person.id, envelope.correlationID, conversationID)
        let ownErrand = ReplyErrand(
            person: turn.person.id, fence: claim.fence, correlationID: envelope.correlationID,
            conversationID: conversationID, trace: envelope.trace)
        if !turn.overdue.isEmpty {
            // Of who was erased there is only the reply to that.
            let errand = turn.person.isNew ? farewellErrand : ownErrand
            let progress = try await catchUp(turn, who, envelope, errand, claim)
            guard progress == .finished else { return TurnResult(progress, state: nil) }
        }

        let next: StoredState?
        let outbound: [OutboundReply]
        // Of who is erased, now or before, nothing is to be kept: neither a row nor a state.
        let isErased: Bool
        if let past = turn.past {
            // Handled before: the same outcome, and whatever of its replies is not sent yet.
            isErased = turn.person.isNew
            if !isErased { try await retake(who, turn.person, envelope, claim) }
            (next, outbound) = (past.state, past.replies)
            metrics.processed("repeated")
            if isErased { try await farewell.forget(who.sender) }
        } else {
            let (from, isReadable) = restored(turn.state(after: redisState.value))
            guard let decided = try await decide(turn, from, clock()) else {
                metrics.processed("ignored")
                return .done(nil)
            }
            let to = decided.to
            var decision = decided.decision
            decision.state.conversation = conversationID?.description
            for index in decision.replies.indices where !keys.servesReports(of: decision.replies[index].id) {
                decision.replies[index].id = keys.newReplyID()
            }
            FaultPoint.beforeCommit.reached()
            try await committer.commit(
                decision, of: who, turn, envelope, fence: claim.fence)
            FaultPoint.afterCommit.reached()
            (next, outbound) = (decision.state, decision.replies)
            isErased = decision.erasure != nil
            metrics.committed(decision, from: from, to: to)
            if !isReadable { logger.warning("a stored state was unreadable: the conversation starts again") }
            if isErased { try await farewell.forget(who.sender) }
            // What is left of the handler's 15 s would not do for an answer of Twilio's: the next claim sends.
            if ContinuousClock.now - started > ReplySender.turnLimit { return .pause(.park(after: .zero)) }
        }
        let committed = ContinuousClock.now
        metrics.stage("database", committed - started)

        let progress = try await replies.send(outbound, for: isErased ? farewellErrand : ownErrand)
        metrics.stage("send", ContinuousClock.now - committed)
        if isErased { farewell.lookSoon() }
        if progress == .finished {
            metrics.stage("total", max(.zero, clock() - envelope.receivedAt))
            logger.info(
                "handled a message",
                metadata: [
                    "message_sid": "\(envelope.messageSID)", "kind": "\(envelope.kind.rawValue)",
                    "state": "\(next?.name ?? "erased")", "replies": "\(outbound.count)",
                    "deliveries": "\(claim.deliveries)",
                    "milliseconds": "\((ContinuousClock.now - started).wholeMilliseconds)",
                ])
        }
        return isErased && progress == .finished ? .erased : TurnResult(progress, state: next)
    }

    private func retake(
        _ who: Correspondent, _ person: Person, _ envelope: Envelope, _ claim: QueueClaim
    ) async throws(PostgresError) {
        FaultPoint.beforeRetake.reached()
        try await committer.retake(who, person, envelope, fence: claim.fence)
        FaultPoint.afterRetake.reached()
    }

    /// Sends what earlier messages have left, so that no reply overtakes another.
    private func catchUp(
        _ turn: TurnContext, _ who: Correspondent, _ envelope: Envelope, _ errand: ReplyErrand, _ claim: QueueClaim
    ) async throws(PostgresError) -> ReplySender.Progress {
        logger.warning(
            "replies to earlier messages were left behind: they are sent first",
            metadata: ["replies": "\(turn.overdue.count)"])
        // Who was erased has no row to take, and must not have one again.
        if !turn.person.isNew { try await retake(who, turn.person, envelope, claim) }
        for sid in turn.overdue.map(\.inReplyTo).uniqued {
            let progress = try await replies.send(turn.overdue.filter { $0.inReplyTo == sid }, for: errand)
            guard progress == .finished else { return progress }
        }
        if turn.person.isNew { farewell.lookSoon() }
        return .finished
    }

    /// The state to go on from; one that this release cannot read restarts the conversation politely.
    private func restored(_ stored: StoredState?) -> (state: Conversation.State, isReadable: Bool) {
        guard let stored else { return (.start, true) }
        do { return (try stored.state(), true) } catch { return (.start, false) }
    }
}

extension [String] {
    /// Each once, in the order of their first occurrence.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
