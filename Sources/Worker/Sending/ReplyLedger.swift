import Common
import CoreMetrics

/// The rows of `outbound_messages` as sending and reports change them: each change is one unit, and none goes back.
struct ReplyLedger: Sendable {
    let postgres: PostgresClient
    /// Tells relays which shards of the outbox have news.
    let wakeUp: @Sendable (Set<Int>) -> Void
    let clock: @Sendable () -> Timestamp
    /// Whose delivery reports come back here.
    var keys = QueueKeys(shards: 1)

    // MARK: Attempts

    /// What became of writing an attempt down.
    enum Mark: Hashable, Sendable {
        /// It may be made: it is the reply's so-manieth.
        case attempt(Int)
        /// The row is no longer as it was read: read it again.
        case changed
        /// Another worker owns the sender.
        case lost
    }

    /// Writes an attempt down before it is made; of several who read the same row one is allowed to.
    func mark(_ reply: OutboundReply, for errand: ReplyErrand) async throws(PostgresError) -> Mark {
        let marked = try await postgres.unit(
            """
            UPDATE outbound_messages
               SET attempts = attempts + 1, attempted_at = \(clock()), state = 'sending', updated_at = now()
             WHERE id = \(reply.id) AND attempts = \(reply.attempts) AND state IN ('sending', 'unknown')
               AND (\(errand.fence)::bigint IS NULL
                    OR EXISTS (SELECT 1 FROM users WHERE id = \(errand.person) AND fence = \(errand.fence)))
            RETURNING attempts
            """, order: .row(reply.id))
        if let row = marked.rows.first { return .attempt(try row.column(0)) }
        guard let fence = errand.fence else { return .changed }
        let owned = try await postgres.unit("SELECT 1 FROM users WHERE id = \(errand.person) AND fence = \(fence)")
        return owned.rows.isEmpty ? .lost : .changed
    }

    /// The attempt was not processed: the reply is as if never attempted.
    func unmark(_ reply: OutboundReply, attempt: Int) async throws(PostgresError) {
        try await postgres.unit(
            """
            UPDATE outbound_messages SET attempted_at = NULL, updated_at = now()
             WHERE id = \(reply.id) AND attempts = \(attempt) AND state = 'sending'
            """, order: .row(reply.id))
    }

    /// The attempt may have been processed.
    func doubt(_ reply: OutboundReply, attempt: Int) async throws(PostgresError) {
        try await postgres.unit(
            """
            UPDATE outbound_messages SET state = 'unknown', updated_at = now()
             WHERE id = \(reply.id) AND attempts = \(attempt) AND state = 'sending'
            """, order: .row(reply.id))
    }

    // MARK: Evidence

    /// Twilio has the reply, under this SID; a second SID is a duplicate, kept and counted once.
    func accept(
        _ sid: String, for reply: UUID, as status: DeliveryReport.Status = .sent
    ) async throws(PostgresError) {
        let results = try await postgres.unit(
            [
                """
                UPDATE outbound_messages SET duplicate_sids = array_append(duplicate_sids, \(sid))
                 WHERE id = \(reply) AND provider_sid <> \(sid) AND NOT \(sid) = ANY (duplicate_sids)
                """,
                // A SID that the list led us to give to another reply stays there; this one knows that it is sent.
                """
                UPDATE outbound_messages
                   SET provider_sid = CASE WHEN EXISTS (SELECT 1 FROM outbound_messages o WHERE o.provider_sid = \(sid))
                                           THEN provider_sid ELSE coalesce(provider_sid, \(sid)) END,
                       state = CASE WHEN state = ANY (\(status.replaced)) THEN \(status.rawValue) ELSE state END,
                       updated_at = now()
                 WHERE id = \(reply)
                """,
            ], order: .row(reply))
        if results[0].affected > 0 { Counter(label: MetricName.replyDuplicates.rawValue).increment() }
    }

    /// Takes those of the SIDs in Twilio's list that belong to no other reply; false when there is none.
    func adopt(_ sids: [String], for reply: OutboundReply) async throws(PostgresError) -> Bool {
        let free = try await postgres.unit(
            """
            SELECT sid FROM unnest(\(sids)::text[]) WITH ORDINALITY AS listed (sid, place)
             WHERE NOT EXISTS (SELECT 1 FROM outbound_messages o WHERE o.provider_sid = sid AND o.id <> \(reply.id))
               AND NOT EXISTS (SELECT 1 FROM outbound_messages o
                                WHERE o.sender = \(reply.sender) AND o.id <> \(reply.id) AND sid = ANY (o.duplicate_sids))
             ORDER BY place
            """
        ).rows.map { row throws(PostgresError) in try row.column(0, as: String.self) }
        // What the list says of a template is weak: no more than one is believed to be it.
        for sid in reply.kind == .template ? free.prefix(1) : free[...] { try await accept(sid, for: reply.id) }
        return !free.isEmpty
    }

    // MARK: Failures

    /// A reply that will not be delivered.
    struct Failure: Sendable {
        var state: DeliveryReport.Status
        var code: TwilioErrorCode?
        var reason: FailureReason
        var remedy: Remedy
    }

    /// Writes a failure and its remedy down, once: a reply that has failed or arrived already stays as it is.
    func fail(
        _ reply: OutboundReply, _ failure: Failure, for errand: ReplyErrand
    ) async throws(PostgresError) {
        let cause = OutboxCause(
            correlationID: errand.correlationID, messageSID: reply.inReplyTo, conversationID: errand.conversationID,
            traceparent: errand.trace?.text)
        let change: SQL = """
            UPDATE outbound_messages
               SET state = \(failure.state.rawValue), error_code = coalesce(\(failure.code?.description), error_code),
                   updated_at = now()
             WHERE id = \(reply.id) AND state IN ('sending', 'unknown', 'sent')
            RETURNING id
            """
        if errand.isFarewell {
            try await postgres.unit(change)
            return
        }
        let told = OutboxEvent.messageFailed(
            userID: errand.person, outboundID: reply.id, errorCode: failure.code?.rawValue,
            reason: failure.reason.rawValue, at: clock(), cause: cause)
        switch failure.remedy {
        case .tell:
            try await postgres.unit(told.appendStatement(forEachRowOf: change))
            wakeUp([told.shard])
        case .optOut:
            let optedOut = OutboxEvent.userOptedOut(
                errand.person, reason: "twilio_\(failure.code?.rawValue ?? 0)", at: clock(), cause: cause)
            try await postgres.unit([
                told.appendStatement(forEachRowOf: change),
                optedOut.appendStatement(forEachRowOf: optOut(reply, errand)),
            ])
            wakeUp([told.shard])
        case .template(let contentSID, let variables):
            try await postgres.unit(replace(reply, contentSID, variables, change, errand))
        }
    }

    /// Not when they have written since: what was refused then says nothing about now.
    private func optOut(_ reply: OutboundReply, _ errand: ReplyErrand) -> SQL {
        """
        UPDATE users SET opted_out_at = \(clock()), updated_at = now()
         WHERE id = \(errand.person) AND opted_out_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM inbound_messages i
                            WHERE i.message_sid = \(reply.inReplyTo) AND i.received_at < users.last_inbound_at)
        RETURNING id
        """
    }

    /// The template becomes a reply of its own behind the others.
    ///
    /// One is enough for all replies to a message, and one that asks to write again until the passenger does; one with
    /// variables of its own brings news. What was not sent yet would be refused too.
    private func replace(
        _ reply: OutboundReply, _ contentSID: String, _ variables: String?, _ change: SQL, _ errand: ReplyErrand
    ) -> [SQL] {
        [
            """
            WITH changed AS (\(sql: change))
            INSERT INTO outbound_messages
              (id, in_reply_to, position, sender, recipient, channel, body, state, content_sid, content_variables,
               correlation_id, conversation_id)
            SELECT \(keys.newReplyID()), o.in_reply_to,
                   (SELECT max(position) + 1 FROM outbound_messages WHERE in_reply_to = o.in_reply_to),
                   o.sender, o.recipient, o.channel, '', 'sending', \(contentSID),
                   coalesce(\(variables.map { JSONText($0) })::jsonb, jsonb_build_object('1', coalesce(nullif(btrim(left(
                     regexp_replace(u.display_name, '[[:space:]]+', ' ', 'g'), 60)), ''), 'there'))),
                   o.correlation_id, o.conversation_id
              FROM changed JOIN outbound_messages o USING (id) LEFT JOIN users u ON u.id = \(errand.person)
             WHERE NOT EXISTS (SELECT 1 FROM outbound_messages t
                                WHERE t.in_reply_to = o.in_reply_to AND t.content_sid IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM outbound_messages t
                                WHERE t.sender = o.sender AND t.content_sid = \(contentSID) AND \(variables == nil)
                                  AND t.created_at > coalesce(u.last_inbound_at, '-infinity'))
            """,
            """
            UPDATE outbound_messages
               SET state = 'failed', error_code = \(TwilioErrorCode.outsideWindow.description), updated_at = now()
             WHERE in_reply_to = \(reply.inReplyTo) AND channel = 'whatsapp' AND state = 'sending'
               AND attempted_at IS NULL AND content_sid IS NULL
            """,
        ]
    }

    // MARK: Reading

    /// The replies to a message, in order.
    func replies(to messageSID: String) async throws(PostgresError) -> [OutboundReply] {
        try await postgres.unit(OutboundReply.select(inReplyTo: messageSID)).rows
            .map { row throws(PostgresError) in try OutboundReply(row) }
    }

    /// Whether a person wants no messages.
    func isOptedOut(_ person: UUID) async throws(PostgresError) -> Bool {
        try await !postgres.unit("SELECT 1 FROM users WHERE id = \(person) AND opted_out_at IS NOT NULL").rows.isEmpty
    }

    /// A reply that a report is about, and whom it went to.
    struct Reported: Sendable {
        var reply: OutboundReply
        /// Nil when the person was erased.
        var person: UUID?
        var isOptedOut: Bool
        var correlationID: CorrelationID?
        var conversationID: UUID?
    }

    /// Finds a reply by our id, or else by Twilio's; nil for a message that is none of ours.
    func find(_ id: UUID?, sid: String) async throws(PostgresError) -> Reported? {
        let found = try await postgres.unit(
            """
            SELECT \(sql: OutboundReply.columns), u.id AS person, u.opted_out_at IS NOT NULL AS is_opted_out,
                   o.correlation_id AS correlation, o.conversation_id AS conversation
              FROM outbound_messages o LEFT JOIN otp_challenges c ON c.id = o.challenge_id
              LEFT JOIN LATERAL (
                SELECT id, opted_out_at FROM users
                 WHERE (sender = o.sender OR phone_number = regexp_replace(o.sender, '^whatsapp:', ''))
                   -- The reply to who was erased is not for who has their address now.
                   AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.message_sid = o.in_reply_to)
                 ORDER BY (sender = o.sender) DESC LIMIT 1) u ON true
             WHERE o.id = \(id) OR (\(id)::uuid IS NULL AND o.provider_sid = \(sid))
            """)
        guard let row = found.rows.first else { return nil }
        let correlation: String? = try row.column("correlation")
        return Reported(
            reply: try OutboundReply(row), person: try row.column("person"),
            isOptedOut: try row.column("is_opted_out") ?? false,
            correlationID: correlation.map { CorrelationID(accepting: $0) },
            conversationID: try row.column("conversation"))
    }
}
