import Common
import Conversation
import Logging

/// Handles what is told to us about a person by something else than their own message.
struct EventHandler: Sendable {
    let turns: TurnHandler
    let router: EventRouter
    let evaluations: EvaluationDecision
    let oneTimeCode: OneTimeCode
    let logger: Logger

    /// The events that are understood; `type` of the body, which is JSON.
    enum Event: Hashable, Sendable {
        /// Messages of this person were turned away at the door: they are told so, once a minute at most.
        case senderThrottled
        /// Whether a journey is paid for is known.
        case evaluationCompleted(EvaluationCompleted)
        /// An operator has a person erased; nil is whoever has the address.
        case userErase(UUID?)

        init(_ envelope: Envelope) throws(Unreadable) {
            guard let body = JSONValue(parsing: envelope.body), let type = body["type"]?.string else {
                throw Unreadable()
            }
            switch type {
            // Not from other services, whose events have names that begin otherwise.
            case UserErase.type where EventRouter.original(envelope).messageSID.hasPrefix(UserErase.sidPrefix):
                self = .userErase(body["user_id"]?.string.flatMap { UUID($0) })
            case "sender.throttled": self = .senderThrottled
            case "evaluation.completed":
                guard let evaluation = EvaluationCompleted(body) else { throw Unreadable() }
                self = .evaluationCompleted(evaluation)
            default: throw Unreadable()
            }
        }
    }

    /// A body that is no event of ours: a release to come may know it, so it is kept for an operator.
    struct Unreadable: Error, CustomStringConvertible {
        var description: String { "an event of no type that this release knows, or without what its type needs" }
    }

    /// Throws `Unreadable`, `TurnPause` and `PostgresError`.
    func handle(_ envelope: Envelope, _ state: SenderState, _ claim: QueueClaim) async throws -> TurnResult {
        let event = try Event(envelope)
        if let user = EventRouter.user(of: envelope) { return try await router.route(envelope, to: user) }
        switch event {
        case .senderThrottled:
            let who = Correspondent(sender: envelope.sender)
            return try await turns.handle(envelope, of: who, words: "", seeking: .reference(nil), state, claim) {
                turn, from, now in
                Self.throttled(envelope, turn.person, from, now: now).map { ($0, from) }
            }
        case .evaluationCompleted(let evaluation):
            return try await handle(evaluation, envelope, state, claim)
        case .userErase(let user):
            return try await erase(user, envelope, state, claim)
        }
    }

    private func erase(
        _ user: UUID?, _ envelope: Envelope, _ state: SenderState, _ claim: QueueClaim
    ) async throws -> TurnResult {
        let event = EventRouter.original(envelope)
        var isElsewhere = false
        let result = try await turns.handle(
            event, of: Correspondent(known: envelope.sender), words: "", seeking: .reference(nil), state, claim
        ) { turn, _, now in
            isElsewhere = user.map { turn.person.isNew || turn.person.id != $0 } ?? false
            if isElsewhere { return nil }
            var decision = Decision(state: StoredState(.start), raw: [])
            decision.erase(turn.person, at: now, by: .operator, for: event, remembering: oneTimeCode)
            return (decision, .start)
        }
        guard isElsewhere, let user else { return result }
        return try await router.route(envelope, to: user)
    }

    private func handle(
        _ evaluation: EvaluationCompleted, _ envelope: Envelope, _ state: SenderState, _ claim: QueueClaim
    ) async throws -> TurnResult {
        let event = EventRouter.original(envelope)
        var isElsewhere = false
        let result = try await turns.handle(
            event, of: Correspondent(known: envelope.sender), words: "", seeking: .id(evaluation.journeyID), state,
            claim
        ) { turn, from, now in
            // The person has another address by now.
            isElsewhere = turn.person.isNew || turn.person.id != evaluation.userID
            if isElsewhere { return nil }
            let (decision, remark) = evaluations.decide(evaluation, event, turn.person, from, now: now)
            if let remark {
                logger.warning(
                    "an evaluation is recorded, and more is not done", metadata: ["cause": "\(remark.rawValue)"])
            }
            return (decision, from)
        }
        return isElsewhere ? try await router.route(envelope, to: evaluation.userID) : result
    }

    /// Says that messages were turned away: pure.
    ///
    /// Nothing is said to strangers, nor to those who want no messages.
    static func throttled(
        _ envelope: Envelope, _ person: Person, _ from: Conversation.State, now: Timestamp
    ) -> Decision? {
        guard !person.isNew, person.optedOutAt == nil else { return nil }
        var decision = Decision(state: StoredState(from), raw: envelope.body)
        decision.reply(Texts.tooManyMessages(), to: envelope, at: now)
        return decision
    }
}
