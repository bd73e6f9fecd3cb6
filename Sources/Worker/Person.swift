import Common
import Conversation

/// Everything a decision needs to know of the person who wrote, read in one round trip.
struct Person: Sendable {
    var id: UUID
    /// Whether this message is the first ever.
    var isNew: Bool
    /// The conversation that the message belongs to: the stored state's, or a new one.
    var conversationID: UUID?
    var phoneNumber: String?
    var displayName: String?
    var verifiedAt: Timestamp?
    var termsVersion: String?
    var optedOutAt: Timestamp?
    var lockedAt: Timestamp?
    /// This person's codes of the last day, newest first.
    var challenges: [Challenge]
    /// Codes that others had sent to the number this person has, had the last code sent to, or gives now.
    var challengesOfOthers: [Challenge] = []
    /// What is remembered of codes that were sent to the number for people who were erased since.
    var erasedCodes = ErasedCodes()
    /// When they last wrote: for 24 hours from then WhatsApp carries free text.
    var lastInboundAt: Timestamp?
    /// How they want to be dealt with.
    var preferences = Conversation.Preferences.standard
    /// The newest, and the one that the message or event is about; newest first.
    var claims: [StoredClaim] = []
}

/// What was decided for a message that was handled before: taken again instead of deciding anew.
struct PastOutcome: Sendable {
    /// Nil when the person was erased since.
    var state: StoredState?
    var replies: [OutboundReply]
}

/// What one read unit brings.
struct TurnContext: Sendable {
    var person: Person
    var past: PastOutcome?
    /// Whether the message was stored before it was ever handled: by an operator, for a replay.
    var isStored: Bool
    /// The state that the latest outcome led to; nil when there is none, or none that is young enough to go on from.
    var lastState: StoredState?
    /// Which outcome is the latest, for `require_latest`.
    var lastSequence: Int64?

    /// The state to go on from, when Redis has `redisState`.
    ///
    /// Replies to earlier messages that are still to be sent, oldest first; next to never any.
    var overdue: [OutboundReply]

    /// Redis may have lost its last second, and with it a settle: the latest outcome goes before what Redis has.
    func state(after redisState: @autoclosure () -> StoredState?) -> StoredState? { lastState ?? redisState() }
}

/// Reads what the handling of a message needs.
struct TurnReader: Sendable {
    let postgres: PostgresClient
    let oneTimeCode: OneTimeCode
    /// How long an idle conversation lasts.
    let stateTTL: Duration

    /// Reads all that is known about `who`, and whether `sid` was handled before, in one round trip.
    func read(
        _ who: Correspondent, words: String, seeking sought: StoredClaim.Sought, sid: String, now: Timestamp
    ) async throws(PostgresError) -> TurnContext {
        let (sender, phone) = (who.sender, who.phoneNumber)
        let owner: SQL = """
            SELECT id FROM users WHERE sender = \(sender) OR phone_number = \(phone)
             ORDER BY (sender = \(sender)) DESC LIMIT 1
            """
        let given = Conversation.phoneCandidate(in: words)
        let results = try await postgres.unit([
            // First: what is committed between this and the rest is noticed by the commit.
            """
            SELECT CASE WHEN processed_at > \(now - stateTTL) THEN outcome->>'state' END, sequence FROM inbound_messages
             WHERE sender = \(sender) AND processed_at IS NOT NULL
             ORDER BY sequence DESC LIMIT 1
            """,
            SQL(
                """
                SELECT u.id, u.phone_number, u.display_name, u.verified_at, u.terms_version, u.opted_out_at, u.blocked_at,
                       u.last_inbound_at, p.notifications_enabled, p.language, p.timezone
                  FROM users u LEFT JOIN user_preferences p ON p.user_id = u.id
                 WHERE u.sender = \(sender) OR u.phone_number = \(phone)
                 ORDER BY (u.sender = \(sender)) DESC LIMIT 1
                """, name: "read_turn"),
            """
            WITH owner AS MATERIALIZED (\(sql: owner)),
                 latest AS MATERIALIZED (
                   SELECT sent_to FROM otp_challenges WHERE user_id = (SELECT id FROM owner)
                    ORDER BY created_at DESC LIMIT 1)
            SELECT c.id, c.code_mac, c.salt, c.sent_to, c.expires_at, c.attempts, c.consumed_at, c.created_at, c.user_id
              FROM otp_challenges c
             WHERE c.created_at > \(now - CodePolicy.longestWindow)
               AND (c.user_id = (SELECT id FROM owner)
                    OR c.sent_to = \(given) OR c.sent_to = \(phone)
                    OR c.sent_to = (SELECT phone_number FROM users WHERE id = (SELECT id FROM owner))
                    OR c.sent_to = (SELECT sent_to FROM latest))
             ORDER BY c.created_at DESC LIMIT 100
            """,
            "SELECT processed_at IS NOT NULL, outcome->>'state' FROM inbound_messages WHERE message_sid = \(sid)",
            OutboundReply.select(inReplyTo: sid),
            StoredClaim.select(of: owner, sought),
            OutboundReply.selectOverdue(of: sender, except: sid, now: now),
            ErasedCodes.select(given, phone, oneTimeCode, now: now),
        ])
        let latest = results[0].rows.first
        let lastState: String? = try latest?.column(0)
        let known = results[3].rows.first
        var person = try self.person(
            results[1].rows.first, challenges: results[2].rows, claims: StoredClaim.newestFirst(results[5].rows))
        var erased = results[7].rows
        // A number that was typed before is known only now.
        if phone == nil, person.verifiedAt == nil, let typed = person.challenges.first?.sentTo, typed != given {
            erased += try await postgres.unit(ErasedCodes.select(typed, nil, oneTimeCode, now: now)).rows
        }
        person.erasedCodes = try ErasedCodes(erased)
        let handled: PostgresRow? = if let known, try known.column(0) { known } else { nil }
        return TurnContext(
            person: person,
            past: try handled.map { row throws(PostgresError) in
                let state: String? = try row.column(1)
                return PastOutcome(
                    state: try state.map { json throws(PostgresError) in try StoredState(storedText: json) },
                    replies: try results[4].rows.map(OutboundReply.init))
            }, isStored: known != nil && handled == nil,
            lastState: try lastState.map { json throws(PostgresError) in try StoredState(storedText: json) },
            lastSequence: try latest?.column(1), overdue: try results[6].rows.map(OutboundReply.init))
    }

    private func person(
        _ row: PostgresRow?, challenges: [PostgresRow], claims: [StoredClaim]
    ) throws(PostgresError) -> Person {
        let id: UUID = try row?.column(0) ?? .timeOrdered()
        let all = try challenges.map { row throws(PostgresError) in
            (user: try row.column(8, as: UUID.self), challenge: try Challenge(row))
        }
        let others = all.filter { $0.user != id }.map(\.challenge)
        guard let row else { return Person(id: id, isNew: true, challenges: [], challengesOfOthers: others) }
        return Person(
            id: id, isNew: false, phoneNumber: try row.column(1), displayName: try row.column(2),
            verifiedAt: try row.column(3), termsVersion: try row.column(4), optedOutAt: try row.column(5),
            lockedAt: try row.column(6),
            challenges: all.filter { $0.user == id }.map(\.challenge), challengesOfOthers: others,
            lastInboundAt: try row.column(7), preferences: try Conversation.Preferences(row, from: 8), claims: claims)
    }
}

extension Conversation.Preferences {
    /// Reads three columns from `first` on; what was never chosen, or only a later release knows, is as for everybody.
    fileprivate init(_ row: PostgresRow, from first: Int) throws(PostgresError) {
        self = .standard
        if let isOn: Bool = try row.column(first) { notificationsEnabled = isOn }
        if let tag: String = try row.column(first + 1), let known = Conversation.Language(rawValue: tag) {
            language = known
        }
        if let name: String = try row.column(first + 2), let known = Conversation.TimeZoneName(name) {
            timeZone = known
        }
    }
}

extension Challenge {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.column(0), mac: try row.column(1), salt: try row.column(2), sentTo: try row.column(3),
            expiresAt: try row.column(4), attempts: try row.column(5), consumedAt: try row.column(6),
            createdAt: try row.column(7))
    }
}
