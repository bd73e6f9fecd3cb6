/// The tables that hold anything about a person, and what an erasure makes of their rows: the one place that decides.
///
/// A table that is added to the schema and names people belongs here; a test compares this list with the schema.
package enum PersonalTable: String, CaseIterable, Sendable {
    case claimMedia = "claim_media"
    case claims
    case otpChallenges = "otp_challenges"
    case userPreferences = "user_preferences"
    case users
    case inboundMessages = "inbound_messages"
    case outboundMessages = "outbound_messages"
    case deadLetters = "dead_letters"
    case outboxEvents = "outbox_events"
    case outboxParked = "outbox_parked"

    /// The condition for the rows of one person.
    ///
    /// `addresses` is an expression of type `text[]`: the addresses under which they wrote.
    package func isOf(_ user: UUID, _ addresses: SQL) -> SQL {
        switch self {
        case .users: "id = \(user)"
        case .claimMedia, .claims, .otpChallenges, .userPreferences: "user_id = \(user)"
        // Events wait for a user under their id, and are recorded so when they are about nobody any more.
        case .inboundMessages, .deadLetters:
            "(sender = ANY (\(sql: addresses)) OR sender = \("user:\(user)"))"
        case .outboundMessages: "sender = ANY (\(sql: addresses))"
        case .outboxEvents:
            """
            shard = \(OutboxShard.of(user.description)) AND ordering_key = \(user.description)
              AND payload ?| \(Self.personalFields)
            """
        case .outboxParked: "ordering_key = \(user.description) AND event->'payload' ?| \(Self.personalFields)"
        }
    }

    /// Of an event's payload: what tells who somebody is, or leads to what they sent.
    package static let personalFields = ["phone_number", "ticket_url"]

    /// The statement that erases the rows of one person; nil where they go with the row in `users`.
    ///
    /// MessageSids and the provider's SIDs stay: that a message was handled must be known when it comes again, and which
    /// messages in the provider's list are somebody else's.
    func erasure(_ user: UUID, _ addresses: SQL, at time: Timestamp) -> SQL? {
        let rows = isOf(user, addresses)
        return switch self {
        case .claimMedia, .claims, .otpChallenges, .userPreferences: nil
        case .users: "DELETE FROM users WHERE \(sql: rows)"
        case .inboundMessages:
            """
            UPDATE inbound_messages
               SET sender = '', raw = NULL, correlation_id = NULL, conversation_id = NULL, outcome = '{"erased":true}',
                   processed_at = coalesce(processed_at, \(time))
             WHERE \(sql: rows)
            """
        case .outboundMessages: Self.blankReplies(where: rows)
        case .deadLetters: Self.blankDeadLetters(where: rows, at: time)
        case .outboxEvents:
            """
            UPDATE outbox_events
               SET payload = jsonb_set(jsonb_set(payload, '{phone_number}', 'null', false), '{ticket_url}', 'null', false)
             WHERE \(sql: rows)
            """
        case .outboxParked:
            """
            UPDATE outbox_parked
               SET event = jsonb_set(
                     jsonb_set(event, '{payload,phone_number}', 'null', false), '{payload,ticket_url}', 'null', false)
             WHERE \(sql: rows)
            """
        }
    }

    /// Replies without whom they were for and what they said; what was not sent yet never will be.
    static func blankReplies(where rows: SQL) -> SQL {
        """
        UPDATE outbound_messages
           SET sender = '', recipient = '', body = '', content_variables = NULL, correlation_id = NULL,
               conversation_id = NULL,
               state = CASE WHEN state IN ('sending', 'unknown') THEN 'failed' ELSE state END, updated_at = now()
         WHERE \(sql: rows)
        """
    }

    /// Dead letters that nobody can read or replay, and that wait for nobody.
    static func blankDeadLetters(where rows: SQL, at time: Timestamp) -> SQL {
        """
        UPDATE dead_letters
           SET sender = '', raw = NULL, error = NULL, correlation_id = NULL,
               discarded_at = CASE WHEN replayed_at IS NULL THEN coalesce(discarded_at, \(time)) ELSE discarded_at END
         WHERE \(sql: rows)
        """
    }
}
