/// The forgetting of one person, as statements for the unit of whatever asked for it.
///
/// What the database has is erased in that unit. What Redis has follows it, and is finished by `cleaning` and
/// `finishing`, which anybody may do again: see docs/decisions/0016.
package struct Erasure: Hashable, Sendable {
    package enum Source: String, Hashable, Sendable, CaseIterable {
        /// The person, in the chat: the `reason` of `user.deleted` too.
        case requested
        /// An operator, on the person's behalf.
        case `operator`
    }

    /// The id of their row; a random one when there is none.
    package var user: UUID
    /// Addresses known to be theirs; what their row says is added to it.
    package var addresses: [String]
    /// The message or event that asked for it.
    package var messageSID: String
    package var source: Source
    package var at: Timestamp
    /// Of that message, so that the log of what follows can name it.
    package var correlationID: CorrelationID?

    package init(
        user: UUID, addresses: [String], messageSID: String, source: Source, at time: Timestamp,
        correlationID: CorrelationID? = nil
    ) {
        self.user = user
        self.addresses = addresses
        self.messageSID = messageSID
        self.source = source
        at = time
        self.correlationID = correlationID
    }

    // MARK: In the unit of what asked for it

    /// Erases everything and notes that it was done, with how many rows there were.
    ///
    /// To stand behind the statements that record the message, whose row is blanked like the others, and before the
    /// reply to it, which is still to be sent.
    package var statements: [SQL] {
        [note.named("erase_note"), count.named("erase_count")]
            + PersonalTable.allCases.reversed().compactMap {
                $0.erasure(user, Self.addresses(of: user), at: at)?.named("erase")
            }
    }

    /// The address of somebody else, who has it now, is not theirs any more.
    private var note: SQL {
        """
        INSERT INTO erasures (user_id, message_sid, source, erased_at, correlation_id, known_since, addresses)
        SELECT \(user), \(messageSID), \(source.rawValue), \(at), \(correlationID?.text), (SELECT created_at FROM users WHERE id = \(user)),
               coalesce(array_agg(DISTINCT address), '{}')
          FROM (
            SELECT unnest(\(addresses)::text[]) AS address
            UNION SELECT sender FROM users WHERE id = \(user)
            UNION SELECT 'whatsapp:' || phone_number FROM users WHERE id = \(user)
            UNION SELECT external_user_id FROM users WHERE id = \(user)) known
         WHERE address IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM users other WHERE other.sender = address AND other.id <> \(user))
        """
    }

    private var count: SQL {
        "UPDATE erasures SET counts = \(sql: Self.counts(user, Self.addresses(of: user))) WHERE user_id = \(user)"
    }

    /// An expression: how many rows of each table are theirs, as a JSON object.
    package static func counts(_ user: UUID, _ addresses: SQL) -> SQL {
        var members: SQL = ""
        for table in PersonalTable.allCases {
            let separator: SQL = table == PersonalTable.allCases.first ? "" : ", "
            members = """
                \(sql: members)\(sql: separator)\(table.rawValue)::text, (
                  SELECT count(*) FROM \(identifier: table.rawValue) WHERE \(sql: table.isOf(user, addresses)))
                """
        }
        return "jsonb_build_object(\(sql: members))"
    }

    private static func addresses(of user: UUID) -> SQL {
        "((SELECT addresses FROM erasures WHERE user_id = \(user))::text[])"
    }
}
