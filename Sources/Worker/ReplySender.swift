import Common
import Conversation
import CoreMetrics
import Logging

/// Sends the replies to one message in order, each after the one before was accepted, and never blindly twice.
///
/// Twilio has no idempotency key, so an attempt is written down before it is made; one without an answer is looked up
/// with the provider before it is repeated. What is to be done is decided by `ReplyCourse`; here it is done.
struct ReplySender: Sendable {
    let ledger: ReplyLedger
    let twilio: TwilioClient
    let oneTimeCode: OneTimeCode
    let course: ReplyCourse
    let allowance: SendAllowance
    let gate: TwilioGate
    let templates: LateTemplates
    let clock: @Sendable () -> Timestamp
    let logger: Logger

    /// How far the replies got.
    enum Progress: Hashable, Sendable {
        /// Each is accepted, or can never be.
        case finished
        /// The sender waits this long, then the rest is taken up again.
        case pause(Duration)
        /// Another worker owns the sender now.
        case lost
    }

    /// How one reply went.
    private enum Turn {
        /// It needs nothing more for now: on to the next.
        case next
        /// There are other replies than there were: read them again.
        case readAgain
        case end(Progress)
    }

    /// How long a claim may last for another attempt to begin: what is left of the handler's 15 s is for its answer.
    static let turnLimit = Duration.milliseconds(2500)

    func send(_ replies: [OutboundReply], for errand: ReplyErrand) async throws(PostgresError) -> Progress {
        let started = ContinuousClock.now
        var left = replies[...]
        while let reply = left.first {
            // Not before the first, so that a slow database keeps nobody from ever being answered.
            if left.startIndex > 0, reply.attemptedAt == nil, reply.isOpen, .now - started > Self.turnLimit {
                return .pause(.zero)
            }
            switch try await carry(reply, for: errand) {
            case .next: left.removeFirst()
            case .readAgain: left = try await ledger.replies(to: reply.inReplyTo)[...]
            case .end(let progress): return progress
            }
        }
        FaultPoint.afterReplies.reached()
        return .finished
    }

    private func carry(_ reply: OutboundReply, for errand: ReplyErrand) async throws(PostgresError) -> Turn {
        switch course.step(reply.standing, now: clock()) {
        case .done: .next
        case .wait(let pause): .end(.pause(pause))
        case .attempt: try await attempt(reply, for: errand)
        case .look: try await look(for: reply, for: errand)
        case .fail(let reason): try await fail(reply, nil, reason, for: errand)
        }
    }

    // MARK: Attempts

    private func attempt(_ reply: OutboundReply, for errand: ReplyErrand) async throws(PostgresError) -> Turn {
        if let wait = gate.waitBeforeAsking() { return .end(.pause(spread(wait))) }
        if case .later(let pause) = await allowance.take() { return .end(.pause(spread(pause))) }
        if Task.isCancelled { return .end(.pause(.zero)) }
        if let wait = gate.wait(for: .create) { return .end(.pause(spread(wait))) }
        FaultPoint.beforeAttempt.reached()
        let mark: ReplyLedger.Mark
        do { mark = try await ledger.mark(reply, for: errand) } catch {
            gate.withdraw()
            throw error
        }
        switch mark {
        case .attempt(let number): return try await send(reply, attempt: number, for: errand)
        case .changed:
            gate.withdraw()
            return .end(.pause(.zero))
        case .lost:
            gate.withdraw()
            return .end(.lost)
        }
    }

    private func send(
        _ reply: OutboundReply, attempt: Int, for errand: ReplyErrand
    ) async throws(PostgresError) -> Turn {
        FaultPoint.beforeSend.reached()
        let (outcome, health) = await twilio.send(reply, body: text(of: reply), attempt: attempt)
        FaultPoint.afterSend.reached()
        gate.record(health, of: .create)
        if case .rateLimited(let pause) = outcome { await allowance.slowDown(pause: pause) }
        var random = SystemRandomNumberGenerator()
        switch course.next(after: outcome, attempts: attempt, using: &random) {
        case .sent(let sid):
            try await ledger.accept(sid, for: reply.id)
            FaultPoint.afterOutcome.reached()
            count("sent")
            return .next
        case .failed(let code):
            return try await fail(reply, code, .rejected, for: errand)
        case .again(let pause):
            try await ledger.unmark(reply, attempt: attempt)
            FaultPoint.afterOutcome.reached()
            count("retried")
            return .end(.pause(pause))
        case .unknown(let pause):
            try await ledger.doubt(reply, attempt: attempt)
            FaultPoint.afterOutcome.reached()
            count("unknown")
            return .end(.pause(pause))
        }
    }

    // MARK: Evidence

    private func look(for reply: OutboundReply, for errand: ReplyErrand) async throws(PostgresError) -> Turn {
        guard let attemptedAt = reply.attemptedAt else { return try await attempt(reply, for: errand) }
        if let wait = gate.wait(for: .lookup) { return .end(.pause(spread(wait))) }
        FaultPoint.beforeLookup.reached()
        let (lookup, health) = await twilio.find(reply, body: text(of: reply), attemptedAt: attemptedAt)
        FaultPoint.afterLookup.reached()
        if let health { gate.record(health, of: .lookup) }
        let sight: ReplyCourse.Sight =
            switch lookup {
            case .unavailable: .unavailable
            case .found(let sids): try await ledger.adopt(sids, for: reply) ? .found : .nothing
            }
        switch course.finding(sight, reply.standing, now: clock()) {
        case .sent:
            FaultPoint.afterEvidence.reached()
            count("found")
            return .next
        case .wait(let pause): return .end(.pause(pause))
        case .attempt: return try await attempt(reply, for: errand)
        case .leave:
            count("parked")
            return .next
        case .fail(let reason): return try await fail(reply, nil, reason, for: errand)
        }
    }

    // MARK: Failures

    private func fail(
        _ reply: OutboundReply, _ code: TwilioErrorCode?, _ reason: FailureReason, for errand: ReplyErrand
    ) async throws(PostgresError) -> Turn {
        let isOptedOut = code == .outsideWindow ? try await ledger.isOptedOut(errand.person) : false
        let remedy =
            errand.isFarewell ? .tell : Remedy(code, of: reply, templates: templates, isOptedOut: isOptedOut)
        try await ledger.fail(
            reply, .init(state: .failed, code: code, reason: reason, remedy: remedy), for: errand)
        FaultPoint.afterOutcome.reached()
        count("failed")
        warn(reply, code, reason)
        switch remedy {
        case .tell, .optOut: return .next
        case .template:
            FaultPoint.afterTemplate.reached()
            return .readAgain
        }
    }

    /// Says that a reply will not be delivered.
    func warn(_ reply: OutboundReply, _ code: TwilioErrorCode?, _ reason: FailureReason) {
        logger.log(
            level: code?.meaning == .misconfigured ? .error : .warning,
            code?.meaning == .misconfigured
                ? "Twilio refuses a reply because our sender or template is set up wrongly"
                : "a reply will not be delivered",
            metadata: [
                "outbound_id": "\(reply.id)", "error_code": "\(code?.description ?? "none")",
                "reason": "\(reason.rawValue)",
            ])
    }

    private func text(of reply: OutboundReply) -> String {
        guard let code = reply.code else { return reply.body }
        return reply.body.replacing(OutboundReply.codePlaceholder, with: oneTimeCode.code(of: code))
    }

    /// Those who wait for the same moment do not come back all at once.
    private func spread(_ pause: Duration) -> Duration { pause + .milliseconds(Int64.random(in: 0...500)) }

    private func count(_ result: String) {
        Counter(label: MetricName.replies.rawValue, dimensions: [("result", result)]).increment()
    }
}
