import Common
import Conversation
import CoreMetrics
import Logging

/// Sends the replies to one message in order, each after the one before was accepted, and never blindly twice.
///
/// Twilio has no idempotency key, so an attempt is written down before it is made; one without an answer is looked up
/// with the provider before it is repeated.
struct ReplySender: Sendable {
    let postgres: PostgresClient
    let twilio: TwilioClient
    let oneTimeCode: OneTimeCode
    let evidence: EvidenceSchedule
    let clock: @Sendable () -> Timestamp

    /// How far the replies got.
    enum Progress: Hashable, Sendable {
        /// Each is accepted, or can never be.
        case finished
        /// The sender waits this long, then the rest is taken up again.
        case pause(Duration)
        /// Another worker owns the sender now.
        case lost
    }

    func send(
        _ replies: [OutboundReply], claim: QueueClaim, person: UUID, correlationID: CorrelationID
    ) async throws(PostgresError) -> Progress {
        for reply in replies {
            let progress: Progress
            switch reply.state {
            case .sent, .delivered, .read, .failed, .undelivered: continue
            case .sending, .unknown:
                if let attemptedAt = reply.attemptedAt {
                    progress = try await resolve(reply, attemptedAt, claim, person, correlationID)
                } else {
                    progress = try await attempt(reply, claim, person, correlationID)
                }
            }
            if progress != .finished { return progress }
        }
        FaultPoint.afterReplies.reached()
        return .finished
    }

    // MARK: Attempts

    private func attempt(
        _ reply: OutboundReply, _ claim: QueueClaim, _ person: UUID, _ correlationID: CorrelationID
    ) async throws(PostgresError) -> Progress {
        FaultPoint.beforeAttempt.reached()
        let marked = try await postgres.unit(
            """
            UPDATE outbound_messages SET attempts = attempts + 1, attempted_at = \(clock()), updated_at = now()
             WHERE id = \(reply.id) AND EXISTS (SELECT 1 FROM users WHERE id = \(person) AND fence = \(claim.fence))
            RETURNING attempts
            """)
        guard let row = marked.rows.first else { return .lost }
        let attempts: Int = try row.column(0)
        FaultPoint.beforeSend.reached()
        let outcome = await twilio.send(reply, body: text(of: reply), attempt: attempts)
        FaultPoint.afterSend.reached()
        switch outcome {
        case .accepted(let sid):
            try await store(sid: sid, for: reply)
            FaultPoint.afterOutcome.reached()
            return count("sent")
        case .rejected(let code):
            try await postgres.unit([
                """
                UPDATE outbound_messages SET state = 'failed', error_code = \(code), updated_at = now()
                 WHERE id = \(reply.id)
                """,
                OutboxEvent.messageFailed(
                    userID: person, outboundID: reply.id, errorCode: code == 0 ? nil : code, at: clock(),
                    cause: OutboxCause(correlationID: correlationID, messageSID: reply.inReplyTo)
                ).appendStatement(),
            ])
            FaultPoint.afterOutcome.reached()
            return count("failed")
        case .notSent(let retryAfter):
            try await postgres.unit(
                "UPDATE outbound_messages SET attempted_at = NULL, updated_at = now() WHERE id = \(reply.id)")
            FaultPoint.afterOutcome.reached()
            _ = count("retried")
            let backoff = Backoff(base: .milliseconds(500), cap: .seconds(60)).delay(attempt: attempts)
            return .pause(retryAfter ?? max(backoff, .milliseconds(100)))
        case .unknown:
            try await postgres.unit(
                "UPDATE outbound_messages SET state = 'unknown', updated_at = now() WHERE id = \(reply.id) AND state = 'sending'"
            )
            FaultPoint.afterOutcome.reached()
            _ = count("unknown")
            return .pause(evidence.window * 2 / 15)
        }
    }

    // MARK: Evidence

    private func resolve(
        _ reply: OutboundReply, _ attemptedAt: Timestamp, _ claim: QueueClaim, _ person: UUID,
        _ correlationID: CorrelationID
    ) async throws(PostgresError) -> Progress {
        switch evidence.step(attemptedAt: attemptedAt, now: clock()) {
        case .wait(let pause):
            return .pause(pause)
        case .look(let pause):
            let candidates: [String]
            FaultPoint.beforeLookup.reached()
            do {
                candidates = try await twilio.find(reply, body: text(of: reply), attemptedAt: attemptedAt)
            } catch {
                return .pause(.seconds(5))
            }
            FaultPoint.afterLookup.reached()
            for sid in candidates where try await store(sid: sid, for: reply) {
                FaultPoint.afterEvidence.reached()
                return count("found")
            }
            if let pause { return .pause(pause) }
            // A code is not repeated: the passenger asks for a new one.
            if reply.challenge != nil { return count("parked") }
            return try await attempt(reply, claim, person, correlationID)
        }
    }

    /// Notes that the provider has the reply; false when the SID belongs to another reply.
    @discardableResult
    private func store(sid: String, for reply: OutboundReply) async throws(PostgresError) -> Bool {
        let stored = try await postgres.unit(
            """
            UPDATE outbound_messages
               SET provider_sid = coalesce(provider_sid, \(sid)), updated_at = now(),
                   state = CASE WHEN state IN ('sending', 'unknown') THEN 'sent' ELSE state END
             WHERE id = \(reply.id)
               AND NOT EXISTS (SELECT 1 FROM outbound_messages o WHERE o.provider_sid = \(sid) AND o.id <> \(reply.id))
            """)
        return stored.affected == 1
    }

    private func text(of reply: OutboundReply) -> String {
        guard let challenge = reply.challenge, let salt = reply.challengeSalt else { return reply.body }
        return reply.body.replacing(
            OutboundReply.codePlaceholder, with: oneTimeCode.code(salt: salt, challenge: challenge))
    }

    private func count(_ result: String) -> Progress {
        Counter(label: MetricName.replies.rawValue, dimensions: [("result", result)]).increment()
        return .finished
    }
}
