import Common
import Conversation

/// Commits everything a message led to, in one round trip and one transaction.
struct Committer: Sendable {
    let postgres: PostgresClient
    let wakeUp: @Sendable (Set<Int>) -> Void
    let clock: @Sendable () -> Timestamp

    /// Writes the whole decision, or nothing.
    ///
    /// Throws WA001 when a later owner has committed, and a violation of `inbound_messages_pkey` when the message was
    /// handled meanwhile.
    func commit(
        _ decision: Decision, _ message: InboundMessage, _ person: Person, _ envelope: Envelope, fence: Int64,
        holdsCode: Bool
    ) async throws(PostgresError) {
        var unit = [takeTurn(message, person, envelope, fence)]
        unit.append(record(decision, message, envelope, fence, holdsCode: holdsCode))
        unit += decision.statements
        unit += decision.replies.map {
            $0.insertStatement(user: person.id, correlationID: envelope.correlationID)
        }
        unit += decision.events.map { $0.appendStatement() }
        try await postgres.unit(unit)
        if !decision.events.isEmpty { wakeUp(Set(decision.events.map(\.shard))) }
    }

    /// Takes the sender over for a message that was handled before, so that its former owner can send nothing more.
    func retake(
        _ message: InboundMessage, _ person: Person, _ envelope: Envelope, fence: Int64
    ) async throws(PostgresError) {
        try await postgres.unit([takeTurn(message, person, envelope, fence)])
    }

    private func takeTurn(
        _ message: InboundMessage, _ person: Person, _ envelope: Envelope, _ fence: Int64
    ) -> SQL {
        let turn: SQL = """
            SELECT take_turn(\(person.id), \(envelope.sender), \(message.from.phoneNumber?.e164), \(message.externalUserID?.text),
                         \(message.profileName), \(fence), \(envelope.receivedAt))
            """
        return turn.named("write_turn")
    }

    private func record(
        _ decision: Decision, _ message: InboundMessage, _ envelope: Envelope, _ fence: Int64, holdsCode: Bool
    ) -> SQL {
        let redacts = holdsCode || Conversation.codeCandidate(in: message.words) != nil
        let raw =
            redacts
            ? FormParameters.redacting(["Body", "ButtonText", "ButtonPayload"], in: envelope.body) : envelope.body
        let outcome = Outcome(state: decision.state, replies: decision.replies.map(\.id.description))
        return """
            INSERT INTO inbound_messages
              (message_sid, sender, kind, raw, received_at, processed_at, fence, correlation_id, outcome)
            VALUES
              (\(envelope.messageSID), \(envelope.sender), \(envelope.kind.rawValue), \(raw), \(envelope.receivedAt),
               \(clock()), \(fence), \(envelope.correlationID.text), \(JSONText(outcome.json)))
            """
    }
}
