import Common
import Conversation

/// What a message led to, before any of it has happened: a value, so that it can be tested and then committed whole.
struct Decision: Sendable {
    var state: StoredState
    /// What is kept of the message: its body as received, with codes blotted out.
    var raw: [UInt8]
    var replies: [OutboundReply] = []
    var statements: [SQL] = []
    var events: [OutboxEvent] = []
    /// Everything about the person goes, in the same unit.
    var erasure: Erasure?
    /// What is counted once the decision is committed.
    var counted: [Counted] = []
    /// Whether it locks what is also another person's, or is big: then its transaction is shared with no other.
    var commitsAlone = false

    /// Where its unit stands among those that are committed with it; nil when it is committed alone.
    var unitOrder: PostgresUnitOrder? {
        commitsAlone || erasure != nil ? nil : .shard(events.first?.shard ?? -1)
    }

    init(state: StoredState, raw: [UInt8]) {
        self.state = state
        self.raw = raw
    }

    /// Adds a reply into the chat that `envelope` belongs to, in as many parts as it needs.
    ///
    /// `values` fill the places of the template that goes in its place if it comes too late.
    mutating func reply(_ text: String, orLate values: [String]? = nil, to envelope: Envelope, at time: Timestamp) {
        for part in ReplySplitter.parts(of: text) {
            var reply = OutboundReply(
                inReplyTo: envelope.messageSID, position: replies.count, sender: envelope.sender,
                recipient: envelope.sender, channel: .whatsApp, body: part, createdAt: time)
            reply.contentVariables = values.map(Self.variables)
            replies.append(reply)
        }
    }

    /// Adds an approved template in place of a text, which fills its places {{1}}, {{2}} … with `values`.
    mutating func reply(template: String, _ values: [String], to envelope: Envelope, at time: Timestamp) {
        var reply = OutboundReply(
            inReplyTo: envelope.messageSID, position: replies.count, sender: envelope.sender,
            recipient: envelope.sender, channel: .whatsApp, body: "", createdAt: time)
        reply.contentSID = template
        reply.contentVariables = Self.variables(values)
        replies.append(reply)
    }

    private static func variables(_ values: [String]) -> String {
        JSONValue.object(values.enumerated().map { .init("\($0 + 1)", .string($1)) }).text
    }

    /// An action of a decision that a metric counts.
    enum Counted: Hashable, Sendable {
        case registration
        case erasure(Erasure.Source)
        case code(CodeAction)
        case claim(ClaimAction)
    }

    /// The `status` label of `whatsapp_claims_total`: what a claim became.
    enum ClaimAction: String, Sendable { case submitted, withdrawn, eligible, ineligible }

    /// The `action` label of `whatsapp_otp_total`.
    enum CodeAction: String, Sendable { case issued, verified, wrong, locked }
}

/// Turns a transition's effects into statements, replies and events.
struct DecisionMaker: Sendable {
    let oneTimeCode: OneTimeCode
    let codeChannel: OutboundReply.Channel
    let conversation: ConversationConfiguration

    /// Decides on one message: pure but for the salt of a new code and new ids.
    ///
    /// `problem` is what is wrong with the message's file, once that was looked into.
    func decide(
        _ message: InboundMessage, from state: Conversation.State, _ person: Person, _ envelope: Envelope,
        now: Timestamp, problem: Conversation.Media.Problem? = nil
    ) -> (decision: Decision, transition: Conversation.Transition) {
        let number = destination(of: message, state, person)
        let policy = CodePolicy(
            challenges: person.challenges,
            challengesOfOthers: person.challengesOfOthers.filter { $0.sentTo == number },
            erased: person.erasedCodes, lockedAt: person.lockedAt, now: now)
        let input = Conversation.Input(message, problem: problem)
        let context = context(person, message, policy, envelope)
        let transition = Conversation.reduce(state, input, context)
        var decision = Decision(
            state: StoredState(transition.state),
            raw: storedBody(message, envelope, mayHoldCode: state.mayHoldCode || policy.hasOpenCode))
        var work = EffectWriter(
            message: message, person: person, envelope: envelope, policy: policy, oneTimeCode: oneTimeCode,
            codeChannel: codeChannel, now: now)
        for effect in transition.effects { work.perform(effect, on: &decision) }
        if state.ticketURL != nil, transition.state.ticketURL == nil, !transition.submitsClaim {
            decision.statements.append(TicketFile.dropStatement(of: person.id))
        }
        return (decision, transition)
    }

    /// Where a code would go that this message asks for: the limits are the number's, whoever asks.
    private func destination(
        of message: InboundMessage, _ state: Conversation.State, _ person: Person
    ) -> String? {
        let known = person.number(writingFrom: message)
        guard state.awaitsNumber || known == nil else { return known }
        return Conversation.phoneCandidate(in: message.words) ?? known
    }

    /// The body without what may be a one-time code.
    private func storedBody(_ message: InboundMessage, _ envelope: Envelope, mayHoldCode: Bool) -> [UInt8] {
        guard mayHoldCode || Conversation.codeCandidate(in: message.words) != nil else { return envelope.body }
        return FormParameters.redacting(
            ["Body", "ButtonText", "ButtonPayload", "ListTitle", "ListId"], in: envelope.body)
    }

    private func context(
        _ person: Person, _ message: InboundMessage, _ policy: CodePolicy, _ envelope: Envelope
    ) -> Conversation.Context {
        var random = SecureRandom()
        let candidate = Conversation.codeCandidate(in: message.words)
        return Conversation.Context(
            user: Conversation.User(
                isNew: person.isNew, displayName: person.displayName ?? message.profileName,
                phoneNumber: person.number(writingFrom: message),
                isKnownByUsernameOnly: message.from.phoneNumber == nil,
                isVerified: person.verifiedAt != nil, termsAccepted: person.termsVersion == conversation.termsVersion,
                isOptedOut: person.optedOutAt != nil, preferences: person.preferences),
            codeCheck: policy.check(candidate) { challenge, code in
                oneTimeCode.matches(challenge, code, user: person.id)
            },
            codeAllowance: policy.allowance(), termsURL: conversation.termsURL,
            termsVersion: conversation.termsVersion, codeChannel: codeChannel == .sms ? .sms : .whatsApp,
            claiming: Conversation.Claiming(
                // "Yesterday" is meant as of when it was written.
                now: LondonTime.local(atSecondsSince1970: Int(envelope.receivedAt.seconds)),
                windowDays: conversation.claimWindowDays, reference: ClaimReference.random(using: &random),
                claims: person.claims.map(\.status)))
    }
}

extension Person {
    /// Their number: the one they proved, the one they write from, or the one that the last code went to.
    func number(writingFrom message: InboundMessage) -> String? {
        phoneNumber ?? message.from.phoneNumber?.e164 ?? challenges.first?.sentTo
    }
}

extension Conversation.Transition {
    fileprivate var submitsClaim: Bool {
        effects.contains { if case .submitClaim = $0 { true } else { false } }
    }
}
