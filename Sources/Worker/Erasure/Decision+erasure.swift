import Common
import Conversation

extension Decision {
    /// Has everything about a person erased: what is decided beside it is only the reply.
    ///
    /// `remembering` keeps of their codes what the limits need, as the limits would else be lifted.
    mutating func erase(
        _ person: Person, at time: Timestamp, by source: Erasure.Source, for envelope: Envelope,
        remembering codes: OneTimeCode
    ) {
        erasure = Erasure(
            user: person.id, addresses: [envelope.sender], messageSID: envelope.messageSID, source: source, at: time,
            correlationID: envelope.correlationID)
        raw = []
        statements += ErasedCodes.keep(person, codes, now: time)
        counted.append(.erasure(source))
        guard !person.isNew else { return }
        events.append(
            .userDeleted(
                person.id, reason: source.rawValue, at: time,
                cause: OutboxCause(
                    correlationID: envelope.correlationID, messageSID: envelope.messageSID,
                    conversationID: person.conversationID, traceparent: envelope.trace?.text)))
    }
}
