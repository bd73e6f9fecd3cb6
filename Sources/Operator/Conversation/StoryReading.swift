import Common

/// Reads the steps of a story from the tables: one round trip, by index, the newest of each kind.
struct StoryReading: Sendable {
    let person: SoughtPerson
    let since: Timestamp?
    let until: Timestamp?
    let limit: Int
    let stateTTL: Duration

    /// How much of a message is read: a form with the longest text is about as long.
    static let longestBody = 16_384
    private static let patience = Duration.seconds(10)

    private var from: Timestamp { since ?? .infinitelyEarly }
    private var to: Timestamp { until ?? .infinitelyLate }
    /// One more than shown: it says that there are more, and what state the first message found.
    private var count: Int { limit + 1 }
    /// Of nobody there are only messages.
    private let nobody = UUID.random()
    private var user: UUID { person.user ?? nobody }
    private var addresses: [String] { person.addresses + ["user:\(user)"] }

    init(person: SoughtPerson, since: Timestamp?, until: Timestamp?, limit: Int, stateTTL: Duration) {
        self.person = person
        self.since = since
        self.until = until
        self.limit = limit
        self.stateTTL = stateTTL
    }

    /// All of them, in no order, and how the person stands.
    func steps(
        on postgres: PostgresClient
    ) async throws(PostgresError) -> (standing: PersonStanding?, steps: [ConversationStep]) {
        let questions = [PersonStanding.question(user)] + questions
        let results = try await postgres.unit(
            questions.map { $0.named("operator_story") }, within: Self.patience)
        let standing = try results[0].rows.first.map { row throws(PostgresError) in try PersonStanding(row) }
        let inbound = results[1].rows
        var steps = try InboundSteps.steps(
            inbound, isWhole: since == nil && inbound.count <= limit, stateTTL: stateTTL)
        for row in results[2].rows { steps.append(try ReplyStep.step(row)) }
        for row in results[3].rows { steps += try CodeSteps.steps(row) }
        for row in results[4].rows { steps += try ClaimSteps.steps(row) }
        for row in results[5].rows { steps.append(try EventStep.step(row)) }
        for row in results[6].rows { steps.append(try LetterStep.step(row)) }
        // A claim or a code is read for when it was made; what came of it later may lie outside.
        return (standing, steps.filter { $0.at >= from && $0.at < to })
    }

    /// What is asked, in the order in which `steps` reads it.
    var questions: [SQL] { [inbound, replies, codes, claims, events, letters] }

    private var inbound: SQL {
        """
        SELECT i.message_sid, i.sender, i.kind, substring(i.raw FROM 1 FOR \(Self.longestBody)), i.received_at,
               i.processed_at, i.sequence, i.correlation_id, i.outcome::text, coalesce(octet_length(i.raw), 0),
               i.conversation_id::text
          FROM unnest(\(addresses)::text[]) AS a (address)
          CROSS JOIN LATERAL (SELECT * FROM inbound_messages m
                               WHERE m.sender = a.address AND m.received_at >= \(from) AND m.received_at < \(to)
                               ORDER BY m.sequence DESC LIMIT \(count)) i
         ORDER BY i.sequence DESC LIMIT \(count)
        """
    }

    private var replies: SQL {
        """
        SELECT o.in_reply_to, o.position, o.channel, o.recipient, o.body, o.state, o.attempts, o.attempted_at, o.provider_sid,
               o.error_code, o.correlation_id, o.created_at, o.updated_at, o.content_sid, o.challenge_id IS NOT NULL,
               cardinality(o.duplicate_sids), o.conversation_id::text
          FROM unnest(\(addresses)::text[]) AS a (address)
          CROSS JOIN LATERAL (SELECT * FROM outbound_messages m
                               WHERE m.sender = a.address AND m.created_at >= \(from) AND m.created_at < \(to)
                               ORDER BY m.created_at DESC LIMIT \(count)) o
         ORDER BY o.created_at DESC LIMIT \(count)
        """
    }

    private var codes: SQL {
        """
        SELECT channel, sent_to, expires_at, attempts, consumed_at, created_at FROM otp_challenges
         WHERE user_id = \(user) AND created_at < \(to) AND greatest(created_at, consumed_at) >= \(from)
         ORDER BY created_at DESC LIMIT \(count)
        """
    }

    private var claims: SQL {
        """
        SELECT reference, origin_crs, destination_crs, scheduled_departure, status, compensation_pence, created_at,
               updated_at, evaluated_at, evaluated_delay_minutes, evaluation_reason
          FROM claims
         WHERE user_id = \(user) AND created_at < \(to) AND greatest(created_at, updated_at, evaluated_at) >= \(from)
         ORDER BY created_at DESC LIMIT \(count)
        """
    }

    /// The log has no index by person: theirs is one shard of 64, and what is kept of it is a week's.
    private var events: SQL {
        """
        SELECT e.sequence, e.event_type, e.occurred_at, e.correlation_id, e.causation_id, e.payload::text,
               (SELECT string_agg(c.sink || ' ' || CASE WHEN p.state IS NOT NULL THEN replace(p.state, 'retry', 'parked')
                                  WHEN e.sequence <= c.last_sequence THEN 'has it' ELSE 'waits' END, ', ' ORDER BY c.sink)
                  FROM outbox_cursors c
                  LEFT JOIN outbox_parked p ON p.sink = c.sink AND p.sequence = e.sequence AND NOT p.is_replay
                 WHERE c.shard = e.shard) AS sinks
          FROM outbox_events e
         WHERE e.shard = \(OutboxShard.of(user.description))::smallint AND e.ordering_key = \(user.description)
           AND e.occurred_at >= \(from) AND e.occurred_at < \(to)
         ORDER BY e.sequence DESC LIMIT \(count)
        """
    }

    private var letters: SQL {
        """
        SELECT message_sid, reason, error, deliveries, at, replayed_at, discarded_at, raw IS NULL
          FROM dead_letters
         WHERE sender = ANY (\(addresses)::text[]) AND at >= \(from) AND at < \(to)
         ORDER BY at DESC LIMIT \(count)
        """
    }
}
