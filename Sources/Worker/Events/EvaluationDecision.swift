import Common
import Conversation

/// What an evaluation leads to: pure decisions over values.
struct EvaluationDecision: Sendable {
    /// `TWILIO_TEMPLATE_EVALUATION`, else `TWILIO_TEMPLATE_REPLY`, else none.
    var template: Template?

    enum Template: Hashable, Sendable {
        /// Tells the outcome.
        case evaluation(contentSID: String)
        /// Asks to write again.
        case reply(contentSID: String)
    }

    /// WhatsApp carries free text for 24 hours after the passenger wrote; the minute is for its way there.
    static let window = Duration.seconds(86_400 - 60)

    /// Why there is less to do than usual: the cause in the log.
    enum Remark: String, Hashable, Sendable {
        case unknownJourney = "no such claim of this user"
        case older = "the claim has a later evaluation, or the same"
        case closed = "the claim is paid, rejected or withdrawn"
        case noTemplate = "the passenger last wrote a day ago, and there is no template to tell them with"
    }

    /// What the evaluation makes of the claim, and which words are said of it.
    func decide(
        _ evaluation: EvaluationCompleted, _ envelope: Envelope, _ person: Person, _ from: Conversation.State,
        now: Timestamp
    ) -> (decision: Decision, remark: Remark?) {
        var decision = Decision(state: StoredState(from), raw: envelope.body)
        guard let claim = person.claims.first(where: { $0.id == evaluation.journeyID }) else {
            return (decision, .unknownJourney)
        }
        let madeAt = evaluation.madeAt ?? envelope.receivedAt
        if let remark = obstacle(evaluation, claim, madeAt: madeAt) { return (decision, remark) }
        let progress: Conversation.Claiming.Progress = evaluation.isEligible ? .eligible : .ineligible
        decision.statements.append(
            """
            UPDATE claims
               SET status = \(progress.rawValue), compensation_pence = \(evaluation.compensationPence),
                   evaluated_at = \(madeAt), evaluated_delay_minutes = \(evaluation.delayMinutes),
                   evaluation_reason = \(evaluation.reason), updated_at = \(now)
             WHERE id = \(claim.id) AND user_id = \(person.id)
            """)
        decision.counted.append(.claim(evaluation.isEligible ? .eligible : .ineligible))

        guard person.optedOutAt == nil, person.preferences.notificationsEnabled else { return (decision, nil) }
        var status = claim.status
        status.progress = progress
        status.compensation = evaluation.compensationPence
        if let heard = person.lastInboundAt, now - heard < Self.window {
            decision.reply(
                Texts.evaluation(status, delayMinutes: evaluation.delayMinutes, reason: evaluation.reason),
                orLate: Texts.evaluationPlaces(status), to: envelope, at: now)
            return (decision, nil)
        }
        switch template {
        case .evaluation(let contentSID):
            decision.reply(template: contentSID, Texts.evaluationPlaces(status), to: envelope, at: now)
        case .reply(let contentSID):
            decision.reply(template: contentSID, [person.templateName], to: envelope, at: now)
        case nil: return (decision, .noTemplate)
        }
        return (decision, nil)
    }

    /// A claim goes forward only: of two evaluations the one that was made later counts, in whatever order they come.
    private func obstacle(_ evaluation: EvaluationCompleted, _ claim: StoredClaim, madeAt: Timestamp) -> Remark? {
        switch claim.status.progress {
        case .submitted, .evaluating: return nil
        case .eligible, .ineligible:
            let isSame =
                evaluation.isEligible == (claim.status.progress == .eligible)
                && evaluation.compensationPence == claim.status.compensation
            let isLater = claim.evaluatedAt.map { madeAt > $0 } ?? true
            return isSame || !isLater ? .older : nil
        case .paid, .rejected, .withdrawn: return .closed
        }
    }
}

extension Person {
    /// What stands for the person in a template, whose places may not be empty.
    fileprivate var templateName: String {
        let words = (displayName ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(60)
        return words.isEmpty ? "there" : String(words)
    }
}
