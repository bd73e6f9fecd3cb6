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
    var challengeSalt: [UInt8]?

    /// How far the sending has got.
    enum State: String, Sendable {
        case sending, sent, delivered, read, failed, undelivered, unknown
    }

    func insertStatement(user: UUID, correlationID: CorrelationID) -> SQL {
        """
        INSERT INTO outbound_messages
          (id, in_reply_to, position, sender, recipient, channel, body, state, challenge_id, correlation_id)
        VALUES
          (\(id), \(inReplyTo), \(position), \(sender), \(recipient), \(channel.rawValue), \(body), \(state.rawValue),
           \(challenge), \(correlationID.text))
        """
    }

    /// The replies to a message, in order, with what is needed to go on sending them.
    static func select(inReplyTo sid: String) -> SQL {
        """
        SELECT o.id, o.in_reply_to, o.position, o.sender, o.recipient, o.channel, o.body, o.state, o.attempts,
               o.attempted_at, o.provider_sid, o.challenge_id, c.salt
          FROM outbound_messages o LEFT JOIN otp_challenges c ON c.id = o.challenge_id
         WHERE o.in_reply_to = \(sid) ORDER BY o.position
        """
    }

    init(
        inReplyTo: String, position: Int, sender: String, recipient: String, channel: Channel, body: String,
        challenge: UUID? = nil, challengeSalt: [UInt8]? = nil
    ) {
        id = .timeOrdered()
        self.inReplyTo = inReplyTo
        self.position = position
        self.sender = sender
        self.recipient = recipient
        self.channel = channel
        self.body = body
        state = .sending
        self.challenge = challenge
        self.challengeSalt = challengeSalt
    }

    /// Reads a row of `select(inReplyTo:)`.
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
        challengeSalt = try row.column(12)
    }
}
