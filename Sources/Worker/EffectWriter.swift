import Common
import Conversation

/// Writes effects down as what they change: SQL for the write unit, replies to send, events to publish.
struct EffectWriter {
    let message: InboundMessage
    let person: Person
    let envelope: Envelope
    let policy: CodePolicy
    let oneTimeCode: OneTimeCode
    let codeChannel: OutboundReply.Channel
    let now: Timestamp
    /// A number given in this message; it becomes the person's own when its code comes back.
    private var givenPhone: String?

    init(
        message: InboundMessage, person: Person, envelope: Envelope, policy: CodePolicy, oneTimeCode: OneTimeCode,
        codeChannel: OutboundReply.Channel, now: Timestamp
    ) {
        self.message = message
        self.person = person
        self.envelope = envelope
        self.policy = policy
        self.oneTimeCode = oneTimeCode
        self.codeChannel = codeChannel
        self.now = now
    }

    mutating func perform(_ effect: Conversation.Effect, on decision: inout Decision) {
        let user = person.id
        switch effect {
        case .registerUser:
            decision.events.append(.userRegistered(user, phoneNumber: phone, at: now, cause: cause))
            decision.counted.append(.registration)
        case .acceptTerms(let version):
            decision.statements.append(
                "UPDATE users SET terms_accepted_at = \(now), terms_version = \(version), updated_at = \(now) WHERE id = \(user)"
            )
        case .setPhone(let number):
            givenPhone = number
        case .issueCode:
            issueCode(on: &decision)
        case .recordWrongCode:
            recordWrongCode(on: &decision)
        case .consumeCode:
            consumeCode(on: &decision)
        case .optOut:
            decision.statements.append(
                "UPDATE users SET opted_out_at = \(now), updated_at = \(now) WHERE id = \(user)")
            decision.events.append(.userOptedOut(user, at: now, cause: cause))
        case .optIn:
            decision.statements.append(
                "UPDATE users SET opted_out_at = NULL, updated_at = \(now) WHERE id = \(user)")
            decision.events.append(.userOptedIn(user, at: now, cause: cause))
        case .submitClaim(let claim):
            submit(claim, on: &decision)
        case .withdrawClaim(let reference):
            withdraw(reference, on: &decision)
        case .changePreference(let change):
            keep(change, on: &decision)
        case .eraseUser:
            decision.erase(person, at: now, by: .requested, for: envelope, remembering: oneTimeCode)
        case .reply(let reply):
            append(reply.text, to: envelope.sender, .whatsApp, on: &decision)
        }
    }

    /// Stores one preference; the others keep their values, or their defaults.
    private func keep(_ change: Conversation.PreferenceChange, on decision: inout Decision) {
        let (statement, changed): (SQL, JSONValue.Member) =
            switch change {
            case .notifications(let isOn):
                (
                    """
                    INSERT INTO user_preferences (user_id, notifications_enabled) VALUES (\(person.id), \(isOn))
                    ON CONFLICT (user_id)
                    DO UPDATE SET notifications_enabled = excluded.notifications_enabled, updated_at = \(now)
                    """, .init("notifications_enabled", .bool(isOn))
                )
            case .language(let language):
                (
                    """
                    INSERT INTO user_preferences (user_id, language) VALUES (\(person.id), \(language.rawValue))
                    ON CONFLICT (user_id) DO UPDATE SET language = excluded.language, updated_at = \(now)
                    """, .init("language", .string(language.rawValue))
                )
            case .timeZone(let name):
                (
                    """
                    INSERT INTO user_preferences (user_id, timezone) VALUES (\(person.id), \(name))
                    ON CONFLICT (user_id) DO UPDATE SET timezone = excluded.timezone, updated_at = \(now)
                    """, .init("timezone", .string(name))
                )
            }
        decision.statements.append(statement)
        decision.events.append(.preferencesChanged(person.id, changed: [changed], at: now, cause: cause))
    }

    private var phone: String? { givenPhone ?? person.number(writingFrom: message) }

    private func issueCode(on decision: inout Decision) {
        guard let phone else { return }
        let salt = OneTimeCode.salt()
        let id = UUID.timeOrdered(at: now)
        let code = oneTimeCode.code(salt: salt, challenge: id)
        let mac = oneTimeCode.mac(code: code, salt: salt, user: person.id)
        // Others may ask for a code to this number at this moment, each in a turn of their own: one after the other,
        // and who has not seen the one before reads again. No challenge, and the reply with its code has no place.
        decision.commitsAlone = true
        decision.statements += [
            "SELECT pg_advisory_xact_lock(hashtext('code to a number'), hashtext(\(phone)))",
            """
            INSERT INTO otp_challenges (id, user_id, code_mac, salt, channel, sent_to, expires_at, attempts, created_at)
            SELECT \(id), \(person.id), \(mac), \(salt),
                   \(codeChannel.rawValue), \(phone), \(now + CodePolicy.lifetime), 0, \(now)
             WHERE (SELECT count(*) FROM otp_challenges c
                     WHERE c.sent_to = \(phone) AND c.user_id <> \(person.id)
                       AND c.created_at > \(now - CodePolicy.longestWindow)) <= \(policy.sendsByOthers)
            """,
        ]
        let recipient = codeChannel == .sms ? phone : "whatsapp:" + phone
        append(
            Texts.codeMessage(code: OutboundReply.codePlaceholder), to: recipient, codeChannel, on: &decision,
            code: IssuedCode(challenge: id, salt: salt, user: person.id, mac: mac))
        decision.counted.append(.code(.issued))
    }

    private func recordWrongCode(on decision: inout Decision) {
        guard let newest = person.challenges.first else { return }
        decision.statements.append("UPDATE otp_challenges SET attempts = attempts + 1 WHERE id = \(newest.id)")
        decision.counted.append(.code(.wrong))
        guard policy.isLastTryBeforeLock else { return }
        decision.statements.append(
            "UPDATE users SET blocked_at = \(now), block_reason = 'too_many_codes', updated_at = \(now) WHERE id = \(person.id)"
        )
        decision.events.append(.userLocked(person.id, reason: "too_many_codes", at: now, cause: cause))
        decision.counted.append(.code(.locked))
    }

    /// A right code proves the number it was sent to: it becomes this person's, whoever had it before.
    private func consumeCode(on decision: inout Decision) {
        guard let newest = person.challenges.first else { return }
        decision.commitsAlone = true
        decision.statements += [
            "UPDATE otp_challenges SET consumed_at = \(now) WHERE id = \(newest.id)",
            "UPDATE users SET phone_number = NULL, verified_at = NULL WHERE phone_number = \(newest.sentTo) AND id <> \(person.id)",
            """
            UPDATE users SET verified_at = \(now), phone_number = \(newest.sentTo), blocked_at = NULL, block_reason = NULL,
                   updated_at = \(now) WHERE id = \(person.id)
            """,
        ]
        decision.events.append(.userVerified(person.id, phoneNumber: newest.sentTo, at: now, cause: cause))
        decision.counted.append(.code(.verified))
    }

    private func append(
        _ body: String, to recipient: String, _ channel: OutboundReply.Channel, on decision: inout Decision,
        code: IssuedCode? = nil
    ) {
        for part in ReplySplitter.parts(of: body) {
            // Only the part with the code's place is a code.
            let holdsCode = part.contains(OutboundReply.codePlaceholder)
            decision.replies.append(
                OutboundReply(
                    inReplyTo: envelope.messageSID, position: decision.replies.count, sender: envelope.sender,
                    recipient: recipient, channel: channel, body: part, code: holdsCode ? code : nil,
                    createdAt: now))
        }
    }

    var cause: OutboxCause {
        OutboxCause(
            correlationID: envelope.correlationID, messageSID: envelope.messageSID,
            conversationID: person.conversationID, traceparent: envelope.trace?.text)
    }
}
