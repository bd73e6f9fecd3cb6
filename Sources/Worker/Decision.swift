import Common
import Conversation

/// What a message led to, before any of it has happened: a value, so that it can be tested and then committed whole.
struct Decision: Sendable {
    var state: StoredState
    var replies: [OutboundReply] = []
    var statements: [SQL] = []
    var events: [OutboxEvent] = []
    /// What is counted once the decision is committed.
    var counted: [Counted] = []

    /// An action of a decision that a metric counts.
    enum Counted: Hashable, Sendable {
        case registration
        case code(CodeAction)
    }

    /// The `action` label of `whatsapp_otp_total`.
    enum CodeAction: String, Sendable { case issued, verified, wrong, locked }
}

/// Turns a transition's effects into statements, replies and events.
struct DecisionMaker: Sendable {
    let oneTimeCode: OneTimeCode
    let codeChannel: OutboundReply.Channel
    let conversation: ConversationConfiguration

    /// Decides on one message: pure but for the salt of a new code and new ids.
    func decide(
        _ message: InboundMessage, from state: Conversation.State, _ person: Person, _ envelope: Envelope,
        now: Timestamp
    ) -> (decision: Decision, transition: Conversation.Transition) {
        let policy = CodePolicy(
            challenges: person.challenges, challengesOfOthers: person.challengesOfOthers, lockedAt: person.lockedAt,
            now: now)
        let input = Conversation.Input(message)
        let context = context(person, message, policy)
        let transition = Conversation.reduce(state, input, context)
        var decision = Decision(state: StoredState(transition.state))
        var work = EffectWriter(
            message: message, person: person, envelope: envelope, policy: policy, oneTimeCode: oneTimeCode,
            codeChannel: codeChannel, now: now)
        for effect in transition.effects { work.perform(effect, on: &decision) }
        return (decision, transition)
    }

    private func context(
        _ person: Person, _ message: InboundMessage, _ policy: CodePolicy
    ) -> Conversation.Context {
        let candidate = Conversation.codeCandidate(in: message.words)
        return Conversation.Context(
            user: Conversation.User(
                isNew: person.isNew, displayName: person.displayName ?? message.profileName,
                phoneNumber: person.phoneNumber ?? message.from.phoneNumber?.e164 ?? person.challenges.first?.sentTo,
                isKnownByUsernameOnly: message.from.phoneNumber == nil,
                isVerified: person.verifiedAt != nil, termsAccepted: person.termsVersion == conversation.termsVersion,
                isOptedOut: person.optedOutAt != nil),
            codeCheck: policy.check(candidate) { challenge, code in
                oneTimeCode.matches(challenge, code, user: person.id)
            },
            codeAllowance: policy.allowance(), termsURL: conversation.termsURL,
            termsVersion: conversation.termsVersion, codeChannel: codeChannel == .sms ? .sms : .whatsApp)
    }
}
