import Common
import Conversation
import Logging

/// Handles what a claim brings: envelopes in order, each finished before the next is begun.
struct ClaimHandler: Sendable {
    let messages: MessageHandler
    let events: EventHandler
    let statuses: StatusHandler
    let metrics: HandlerMetrics
    var tracer = Tracer.off
    let logger: Logger

    /// Handles one claim and says how it is to be settled; nil when the lease turned out to be another's.
    func handle(_ claim: QueueClaim) async -> QueueSettlement? {
        var done = 0
        let started = ContinuousClock.now
        var state = SenderState(stored: claim.state)
        for bytes in claim.messages {
            if Task.isCancelled { return QueueSettlement(claim, done: done, next: .release, state: state.json) }
            // A request to Twilio must not be begun that the end of the claim would cut off.
            if done > 0, .now - started > ReplySender.turnLimit { break }
            // Only the head has been handed out before; what follows it is new to everyone.
            let deliveries = done == 0 ? claim.deliveries : 1
            switch await handle(bytes, state, claim, deliveries) {
            case .done(let next):
                done += 1
                state.lead(to: next)
            case .erased:
                done += 1
                state.forget()
            case .pause(let next):
                return QueueSettlement(claim, done: done, next: next, state: done > 0 ? state.json : nil)
            case .lost:
                metrics.processed("lost")
                return nil
            }
        }
        return QueueSettlement(claim, done: done, next: .ready, state: state.json)
    }

    private func handle(
        _ bytes: [UInt8], _ state: SenderState, _ claim: QueueClaim, _ deliveries: Int
    ) async -> TurnResult {
        do {
            let envelope = try Envelope(decoding: bytes)
            return await withCorrelationID(envelope.correlationID) {
                tracer.end(waited(envelope, claim, deliveries))
                return await tracer.span(.handle, .consumer, of: envelope.trace) { span in
                    span?.describe(envelope, operation: "process")
                    // What follows is the handling's: events, and what is passed on to another turn.
                    var traced = envelope
                    traced.trace = span?.context ?? envelope.trace
                    do {
                        let result = try await handle(traced, state, claim)
                        span?.set(.outcome, .text(result.word))
                        return result
                    } catch {
                        span?.fail("\(type(of: error))", "\(error)")
                        return failed(error, deliveries)
                    }
                }
            }
        } catch {
            return withCorrelationID(Envelope.correlationID(in: bytes) ?? CorrelationID()) {
                failed(error, deliveries)
            }
        }
    }

    /// The time since it was received: in the queue, behind others of its sender, or between two attempts.
    private func waited(_ envelope: Envelope, _ claim: QueueClaim, _ deliveries: Int) -> Span? {
        var span = tracer.child(.claim, .consumer, of: envelope.trace, at: envelope.receivedAt)
        span?.describe(envelope, operation: "receive")
        span?.set(.partition, .text("\(claim.shard)"))
        span?.set(.deliveries, .number(deliveries))
        return span
    }

    private func handle(_ envelope: Envelope, _ state: SenderState, _ claim: QueueClaim) async throws -> TurnResult {
        switch envelope.kind {
        case .message: return try await messages.handle(envelope, state, claim)
        case .event: return try await events.handle(envelope, state, claim)
        case .status:
            let progress = try await statuses.handle(envelope)
            if progress == .finished { metrics.processed("status") }
            return TurnResult(progress, state: nil)
        }
    }

    /// Outages park the sender and cost no delivery; what a message itself causes is retried and counted.
    private func failed(_ error: any Error, _ deliveries: Int) -> TurnResult {
        if let pause = error as? TurnPause {
            metrics.processed("parked")
            return .pause(.park(after: pause.after))
        }
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
            metadata: ["cause": "\(error)", "deliveries": "\(deliveries)"])
        let pause = Backoff(base: .milliseconds(500), cap: .seconds(60)).delay(attempt: deliveries - 1)
        return .pause(.retry(after: max(pause, .milliseconds(100))))
    }
}

/// What became of one envelope.
enum TurnResult: Sendable {
    /// It leaves the queue; the state, when there is a new one, goes with the acknowledgement.
    case done(StoredState?)
    /// It leaves the queue, and nothing is kept of its sender.
    case erased
    /// It stays at the head, and the sender waits.
    case pause(QueueSettlement.Next)
    /// Another worker owns the sender: nothing is settled.
    case lost

    /// For a span.
    var word: String {
        switch self {
        case .done: "done"
        case .erased: "erased"
        case .pause: "pause"
        case .lost: "lost"
        }
    }

    /// What the sending of a turn's replies came to.
    init(_ progress: ReplySender.Progress, state: StoredState?) {
        switch progress {
        case .finished: self = .done(state)
        case .pause(let pause): self = .pause(.park(after: pause))
        case .lost: self = .lost
        }
    }
}
