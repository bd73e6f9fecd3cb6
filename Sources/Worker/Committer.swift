import Common
import Conversation

/// Commits everything a message led to, in one round trip and one transaction.
struct Committer: Sendable {
    let postgres: PostgresClient
    let wakeUp: @Sendable (Set<Int>) -> Void
    let clock: @Sendable () -> Timestamp
    var tracer = Tracer.off

    /// Writes the whole decision, or nothing.
    ///
    /// `turn` is what it was decided from. Throws WA001 when a later owner has committed, and WA002 or a violation of
    /// `inbound_messages_pkey` when this message or another of the sender was handled meanwhile.
    func commit(
        _ decision: Decision, of who: Correspondent, _ turn: TurnContext, _ envelope: Envelope, fence: Int64
    ) async throws(PostgresError) {
        let person = turn.person
        // Of who has no row nothing is left after an erasure but what it is to erase.
        var unit: [SQL]
        if person.isNew {
            unit = decision.erasure == nil ? [takeTurn(who, person, envelope, fence)] : []
            unit.append("SELECT require_latest(\(who.sender), \(turn.lastSequence))")
        } else {
            unit = [beginTurn(who, turn, envelope, fence)]
        }
        unit.append(
            turn.isStored ? complete(decision, person, envelope, fence) : record(decision, person, envelope, fence))
        unit += decision.statements
        unit += decision.erasure?.statements ?? []
        unit += decision.replies.map {
            $0.insertStatement(
                user: person.id, correlationID: envelope.correlationID, conversationID: person.conversationID)
        }
        unit += decision.events.map { $0.appendStatement() }
        try await tracer.span(.commit, .client) { span throws(PostgresError) in
            span?.set(.database, "postgresql")
            span?.set(.databaseOperation, "commit")
            span?.set(.statements, .number(unit.count))
            span?.set(.state, .text(decision.state.name))
            if let conversation = person.conversationID { span?.set(.conversation, .text(conversation.description)) }
            try await postgres.unit(unit, order: decision.unitOrder)
        }
        if !decision.events.isEmpty { wakeUp(Set(decision.events.map(\.shard))) }
    }

    /// Takes the sender over for a message that was handled before, so that its former owner can send nothing more.
    func retake(
        _ who: Correspondent, _ person: Person, _ envelope: Envelope, fence: Int64
    ) async throws(PostgresError) {
        try await postgres.unit(takeTurn(who, person, envelope, fence), order: .shard(-1))
    }

    /// Takes the turn of somebody who is known, if what was read is still the latest.
    private func beginTurn(_ who: Correspondent, _ turn: TurnContext, _ envelope: Envelope, _ fence: Int64) -> SQL {
        let heardAt = envelope.kind == .message ? envelope.receivedAt : nil
        let turn: SQL = """
            SELECT begin_turn(\(turn.person.id), \(who.sender), \(who.phoneNumber), \(who.externalUserID),
              \(who.profileName), \(fence), \(heardAt), \(turn.lastSequence))
            """
        return turn.named("write_turn")
    }

    private func takeTurn(_ who: Correspondent, _ person: Person, _ envelope: Envelope, _ fence: Int64) -> SQL {
        // An event is not a word of the passenger: it opens no window for free text.
        let heardAt = envelope.kind == .message ? envelope.receivedAt : nil
        // Nobody becomes known again for having been read before they were erased.
        let function: SQL = person.isNew ? "take_turn" : "take_known_turn"
        let turn: SQL = """
            SELECT \(sql: function)(\(person.id), \(who.sender), \(who.phoneNumber), \(who.externalUserID), \(who.profileName),
              \(fence), \(heardAt))
            """
        return turn.named("write_turn")
    }

    private func record(_ decision: Decision, _ person: Person, _ envelope: Envelope, _ fence: Int64) -> SQL {
        """
        INSERT INTO inbound_messages
          (message_sid, sender, kind, raw, received_at, processed_at, fence, correlation_id, conversation_id, outcome)
        VALUES
          (\(envelope.messageSID), \(envelope.sender), \(envelope.kind.rawValue), \(decision.raw), \(envelope.receivedAt),
           \(clock()), \(fence), \(envelope.correlationID.text), \(person.conversationID),
           \(JSONText(outcome(decision).json)))
        """
    }

    private func complete(_ decision: Decision, _ person: Person, _ envelope: Envelope, _ fence: Int64) -> SQL {
        """
        SELECT record_processed(\(envelope.messageSID), \(decision.raw), \(clock()), \(fence),
                                \(envelope.correlationID.text), \(JSONText(outcome(decision).json)),
                                \(person.conversationID))
        """
    }

    private func outcome(_ decision: Decision) -> Outcome {
        Outcome(state: decision.state, replies: decision.replies.map(\.id.description))
    }
}
