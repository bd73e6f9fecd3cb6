import Common
import Conversation
import Logging

/// Handles what a claim brings: messages in order, each read, decided, committed and answered before the next.
struct MessageHandler: Sendable {
    let reader: TurnReader
    let decisions: DecisionMaker
    let committer: Committer
    let replies: ReplySender
    let statuses: StatusHandler
    let metrics: HandlerMetrics
    let clock: @Sendable () -> Timestamp
    let logger: Logger

    /// What became of one message.
    private enum Result {
        case done(StoredState?)
        case pause(QueueSettlement.Next)
        /// Another worker owns the sender: nothing is settled.
        case lost
    }

    /// Handles one claim and says how it is to be settled; nil when the lease turned out to be another's.
    func handle(_ claim: QueueClaim) async -> QueueSettlement? {
        var done = 0
        let started = ContinuousClock.now
        var state = claim.state.flatMap { try? StoredState(json: $0) }
        for bytes in claim.messages {
            if Task.isCancelled { return QueueSettlement(claim, done: done, next: .release, state: state?.json) }
            // A request to Twilio must not be begun that the end of the claim would cut off.
            if done > 0, .now - started > ReplySender.turnLimit { break }
            let result: Result
            do {
                let envelope = try Envelope(decoding: bytes)
                result = await withCorrelationID(envelope.correlationID) {
                    await handle(envelope, state, claim, deliveries: done == 0 ? claim.deliveries : 1)
                }
            } catch {
                result = failed(error, claim)
            }
            switch result {
            case .done(let next):
                done += 1
                state = next ?? state
            case .pause(let next):
                return QueueSettlement(claim, done: done, next: next, state: done > 0 ? state?.json : nil)
            case .lost:
                metrics.processed("lost")
                return nil
            }
        }
        return QueueSettlement(claim, done: done, next: .ready, state: state?.json)
    }

    private func handle(
        _ envelope: Envelope, _ state: StoredState?, _ claim: QueueClaim, deliveries: Int
    ) async -> Result {
        do {
            switch envelope.kind {
            case .status:
                let progress = try await statuses.handle(envelope)
                guard case .finished = progress else { return ended(progress) }
                metrics.processed("status")
                return .done(nil)
            case .event:
                // Nothing publishes events to this service yet; one that comes is kept for an operator to see.
                return .pause(.retry(after: .seconds(60)))
            case .message:
                return try await converse(envelope, state, claim)
            }
        } catch {
            return failed(error, claim)
        }
    }

    // MARK: One message of a passenger

    private func converse(
        _ envelope: Envelope, _ redisState: StoredState?, _ claim: QueueClaim
    ) async throws -> Result {
        let started = ContinuousClock.now
        metrics.stage("queued", max(.zero, clock() - envelope.receivedAt))
        let message = try InboundMessage(FormParameters(webhook: envelope.body))
        FaultPoint.beforeRead.reached()
        let turn = try await reader.read(message, sender: envelope.sender, now: clock())
        FaultPoint.afterRead.reached()

        let next: StoredState
        let outbound: [OutboundReply]
        if let past = turn.past {
            // Handled before: the same outcome, and whatever of its replies is not sent yet.
            FaultPoint.beforeRetake.reached()
            try await committer.retake(message, turn.person, envelope, fence: claim.fence)
            FaultPoint.afterRetake.reached()
            (next, outbound) = (past.state, past.replies)
            metrics.processed("repeated")
        } else {
            let (stored, origin) = restored(redisState ?? turn.lastState)
            let (decision, transition) = decisions.decide(message, from: stored, turn.person, envelope, now: clock())
            FaultPoint.beforeCommit.reached()
            try await committer.commit(
                decision, message, turn.person, envelope, fence: claim.fence, holdsCode: stored.mayHoldCode)
            FaultPoint.afterCommit.reached()
            (next, outbound) = (decision.state, decision.replies)
            metrics.committed(decision, from: stored, to: transition.state)
            if origin == .unreadable { logger.warning("a stored state was unreadable: the conversation starts again") }
        }
        let committed = ContinuousClock.now
        metrics.stage("database", committed - started)

        let progress = try await replies.send(
            outbound,
            for: ReplyErrand(person: turn.person.id, fence: claim.fence, correlationID: envelope.correlationID))
        metrics.stage("send", ContinuousClock.now - committed)
        switch progress {
        case .finished:
            metrics.stage("total", max(.zero, clock() - envelope.receivedAt))
            logger.info(
                "handled a message",
                metadata: [
                    "message_sid": "\(envelope.messageSID)", "state": "\(next.name)", "replies": "\(outbound.count)",
                    "deliveries": "\(claim.deliveries)",
                    "milliseconds": "\((ContinuousClock.now - started).wholeMilliseconds)",
                ])
            return .done(next)
        case .pause, .lost:
            return ended(progress)
        }
    }

    /// What replies that are not finished mean for their sender.
    private func ended(_ progress: ReplySender.Progress) -> Result {
        switch progress {
        case .finished: .done(nil)
        case .pause(let pause): .pause(.park(after: pause))
        case .lost: .lost
        }
    }

    private enum Origin { case stored, unreadable }

    /// The state to go on from; one that this release cannot read restarts the conversation politely.
    private func restored(_ stored: StoredState?) -> (Conversation.State, Origin) {
        guard let stored else { return (.start, .stored) }
        do { return (try stored.state(), .stored) } catch { return (.start, .unreadable) }
    }

    // MARK: Failures

    /// Outages park the sender and cost no delivery; what a message itself causes is retried and counted.
    private func failed(_ error: any Error, _ claim: QueueClaim) -> Result {
        if let error = error as? PostgresError {
            switch HandlingFailure(error) {
            case .fenced: return .lost
            case .readAgain:
                return .pause(.park(after: .milliseconds(10)))
            case .outage:
                metrics.processed("parked")
                logger.warning("the database cannot be used: the sender waits", metadata: ["cause": "\(error)"])
                let pause = Backoff(base: .milliseconds(500), cap: .seconds(10)).delay(attempt: 2)
                return .pause(.park(after: max(pause, .milliseconds(200))))
            case .message: break
            }
        }
        metrics.processed("failed")
        logger.error(
            "a message cannot be handled: it is tried again, then given up on",
            metadata: ["cause": "\(error)", "deliveries": "\(claim.deliveries)"])
        let pause = Backoff(base: .milliseconds(500), cap: .seconds(60)).delay(attempt: claim.deliveries - 1)
        return .pause(.retry(after: max(pause, .milliseconds(100))))
    }
}

/// Whose fault a database error is.
enum HandlingFailure: Hashable, Sendable {
    /// A later owner has committed.
    case fenced
    /// What was read is no longer so: read again at once.
    case readAgain
    /// The database is away or overloaded.
    case outage
    /// The message itself.
    case message

    init(_ error: PostgresError) {
        if case .server(let sqlState, let constraint) = error.code {
            if sqlState == "WA001" {
                self = .fenced
            } else if sqlState == "WA002" || (sqlState == "23505" && constraint == "inbound_messages_pkey") {
                self = .readAgain
            } else {
                self = error.isTransient ? .outage : .message
            }
        } else {
            self = error.isTransient ? .outage : .message
        }
    }
}
