import Common

/// One message of ours to a passenger, as `outbound_messages` keeps it.
struct OutboundReply: Sendable {
    /// Where it goes: the chat, or the phone's SMS inbox.
    enum Channel: String, Sendable {
        case whatsApp = "whatsapp"
        case sms
    }

    /// Stands for the one-time code in a stored body; the code itself is put in when the message is sent.
    static let codePlaceholder = "••••••"

    var id: UUID
    var inReplyTo: String
    var position: Int
    var sender: String
    /// A channel address for WhatsApp, E.164 for SMS.
    var recipient: String
    var channel: Channel
    var body: String
    var state: State
    var attempts = 0
    var attemptedAt: Timestamp?
    var providerSID: String?
    /// The challenge whose code belongs in the body.
    var challenge: UUID?
    /// That code, as long as the challenge is kept.
    var code: IssuedCode?
    /// The approved template that is sent in place of the body.
    var contentSID: String?
    /// What fills the template's places: a JSON object of texts.
    ///
    /// Beside a body: what is to fill those of the outcome's template if the words come too late.
    var contentVariables: String?
    var createdAt: Timestamp

    /// What a reply is, as far as sending it again goes.
    enum Kind: Hashable, Sendable, CaseIterable { case chat, code, template }

    var kind: Kind { contentSID != nil ? .template : challenge != nil ? .code : .chat }

    /// How far the sending has got.
    enum State: String, Sendable, CaseIterable {
        case sending, sent, delivered, read, failed, undelivered, unknown
    }

    /// Whether it is still to be sent, or to be found out about.
    var isOpen: Bool {
        switch state {
        case .sending, .unknown: true
        case .sent, .delivered, .read, .failed, .undelivered: false
        }
    }

    /// Whether it may still fail.
    var isUndecided: Bool { isOpen || state == .sent }

    func insertStatement(user: UUID, correlationID: CorrelationID, conversationID: UUID? = nil) -> SQL {
        """
        INSERT INTO outbound_messages
          (id, in_reply_to, position, sender, recipient, channel, body, state, challenge_id, content_sid,
           content_variables, correlation_id, conversation_id)
        VALUES
          (\(id), \(inReplyTo), \(position), \(sender), \(recipient), \(channel.rawValue), \(body), \(state.rawValue),
           \(challenge), \(contentSID), \(contentVariables.map { JSONText($0) }), \(correlationID.text), \(conversationID))
        """
    }

    /// What `init(_:)` reads, of `outbound_messages o` and `otp_challenges c`.
    static let columns: SQL = """
        o.id, o.in_reply_to, o.position, o.sender, o.recipient, o.channel, o.body, o.state, o.attempts,
        o.attempted_at, o.provider_sid, o.challenge_id, c.salt, o.content_sid, o.content_variables::text, o.created_at,
        c.user_id, c.code_mac
        """

    /// The replies to a message, in order, with what is needed to go on sending them.
    static func select(inReplyTo sid: String) -> SQL {
        """
        SELECT \(sql: columns)
          FROM outbound_messages o LEFT JOIN otp_challenges c ON c.id = o.challenge_id
         WHERE o.in_reply_to = \(sid) ORDER BY o.position
        """
    }

    /// Replies to other messages of a sender that were committed and never sent.
    ///
    /// That is what Redis lost, or what was given up on, between commit and sending; they go before the replies to come.
    /// Not those that are left unknown on purpose, and none that WhatsApp would not take any more.
    static func selectOverdue(of sender: String, except sid: String, now: Timestamp) -> SQL {
        """
        SELECT \(sql: columns)
          FROM outbound_messages o LEFT JOIN otp_challenges c ON c.id = o.challenge_id
         WHERE o.sender = \(sender) AND o.state IN ('sending', 'unknown') AND o.in_reply_to <> \(sid)
           AND o.created_at > \(now - .seconds(86_400))
           AND (o.attempted_at IS NULL OR (o.challenge_id IS NULL AND o.content_sid IS NULL))
         ORDER BY o.created_at, o.in_reply_to, o.position LIMIT 20
        """
    }

    init(
        inReplyTo: String, position: Int, sender: String, recipient: String, channel: Channel, body: String,
        code: IssuedCode? = nil, createdAt: Timestamp = .now
    ) {
        id = .timeOrdered()
        self.inReplyTo = inReplyTo
        self.position = position
        self.sender = sender
        self.recipient = recipient
        self.channel = channel
        self.body = body
        state = .sending
        challenge = code?.challenge
        self.code = code
        self.createdAt = createdAt
    }

    /// What decides about sending it.
    var standing: ReplyCourse.Standing {
        .init(state: state, attempts: attempts, attemptedAt: attemptedAt, createdAt: createdAt, kind: kind)
    }

    /// Reads `columns`, the first of a row.
    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.column(0)
        inReplyTo = try row.column(1)
        position = try row.column(2)
        sender = try row.column(3)
        recipient = try row.column(4)
        guard let channel = Channel(rawValue: try row.column(5)) else {
            throw PostgresError(.undecodable, "a stored reply is of no form that this release reads")
        }
        self.channel = channel
        body = try row.column(6)
        guard let state = State(rawValue: try row.column(7)) else {
            throw PostgresError(.undecodable, "a stored reply is of no form that this release reads")
        }
        self.state = state
        attempts = try row.column(8)
        attemptedAt = try row.column(9)
        providerSID = try row.column(10)
        challenge = try row.column(11)
        let salt: [UInt8]? = try row.column(12)
        let user: UUID? = try row.column(16)
        let mac: [UInt8]? = try row.column(17)
        if let challenge, let salt, let user, let mac {
            code = IssuedCode(challenge: challenge, salt: salt, user: user, mac: mac)
        }
        contentSID = try row.column(13)
        contentVariables = try row.column(14)
        createdAt = try row.column(15)
    }
}
