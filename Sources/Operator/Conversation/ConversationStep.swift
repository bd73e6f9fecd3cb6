import Common

/// One thing that happened in a conversation.
///
/// `summary` says it without a word of what anybody wrote and without whose number it is; what is personal is in
/// `body` and in those details that are marked so.
struct ConversationStep: Hashable, Sendable {
    /// What it is; the order of the cases is that of steps of the same moment.
    enum Kind: String, CaseIterable, Sendable {
        /// The person wrote.
        case message = "in"
        /// Something else told us of them: another service, or an operator.
        case told
        /// A one-time code was made, or came back.
        case code
        /// A claim was made, evaluated or taken back.
        case claim
        /// We wrote.
        case reply = "out"
        /// Other services are told.
        case event
        /// A message was given up on.
        case dead
        /// A message waits in the queue.
        case waiting
    }

    /// A name and its value, beside the summary.
    struct Detail: Hashable, Sendable {
        var name: String
        var value: String
        /// Whether it is only shown to who asks for it.
        var isPersonal = false
    }

    var at: Timestamp
    var kind: Kind
    var summary: String
    /// What somebody may have to look after: not processed, failed, given up on, parked.
    var isTrouble = false
    /// The message that it is, or that led to it.
    var messageSID: String?
    var correlationID: String?
    /// The conversation, one run of messages without a long pause, that it belongs to.
    var conversationID: String?
    var details: [Detail] = []
    /// What was said; codes are not in it.
    var body: String?
    /// Its place among steps of the same kind and moment.
    var place: Int64 = 0
    /// Whether it is what the story was asked for by.
    var isSought = false

    /// Whether it comes before `other` in a story.
    func precedes(_ other: ConversationStep) -> Bool {
        let order = { (step: ConversationStep) in Kind.allCases.firstIndex(of: step.kind) ?? 0 }
        return (at.microseconds, Int64(order(self)), place) < (other.at.microseconds, Int64(order(other)), other.place)
    }
}
