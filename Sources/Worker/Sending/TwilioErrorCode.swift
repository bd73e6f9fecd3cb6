/// Twilio's number for what went wrong with a message, and what it means for us.
///
/// The numbers are those of https://www.twilio.com/docs/api/errors; Twilio warns that they may change, so that one we
/// do not know is `other` and never stops anything but its own message.
struct TwilioErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    let rawValue: Int

    init(rawValue: Int) { self.rawValue = rawValue }
    init(_ rawValue: Int) { self.rawValue = rawValue }

    /// The session was closed: more than 24 hours since the passenger's last message, so that only an approved
    /// template may be sent (https://www.twilio.com/docs/api/errors/63016).
    static let outsideWindow = TwilioErrorCode(63016)

    /// What is to be done about a code.
    enum Meaning: Hashable, Sendable, CaseIterable {
        /// The passenger wants nothing more from this sender.
        case optedOut
        /// Only a template may be sent now.
        case outsideWindow
        /// The address can never get it.
        case invalidRecipient
        /// The text is not accepted, by whoever sends it.
        case rejectedContent
        /// Our own sender or template is set up wrongly: this message fails, and an operator has something to do.
        case misconfigured
        /// Our account or its credentials are refused: the message is not to blame and waits.
        case accountRefused
        /// Too many messages at a time, never processed.
        case rateLimited
        /// Anything else: permanent, as far as this message is concerned.
        case other
    }

    var meaning: Meaning {
        switch rawValue {
        // 21610: replied STOP. 63014, 63033: blocked by, or has blocked, the sender.
        case 21610, 63014, 63033: .optedOut
        case 63016: .outsideWindow
        // 21211, 21214, 21401: not a number. 21614: no mobile. 63003, 63024: no such user of the channel.
        // 63032: WhatsApp will not deliver to this user (Meta 472).
        case 21211, 21214, 21401, 21614, 63003, 63024, 63032: .invalidRecipient
        // 21602, 21617: no text, too long. 21620: media. 63005, 63006, 63013, 63021: content, policy, template's texts.
        // 63019, 63034: media not to be had, too large.
        case 21602, 21617, 21620, 63005, 63006, 63013, 63019, 63021, 63034: .rejectedContent
        // 21603, 21606, 21659, 63007, 63008: `From`. 21609: `StatusCallback`. 21654-21656, 63027-63030, 63040, 63041:
        // template. 63001, 63002: the channel's own credentials.
        case 21603, 21606, 21609, 21659, 21654...21656, 63001, 63002, 63007, 63008, 63027...63030, 63040, 63041:
            .misconfigured
        // 20003: authentication. 20005: account suspended or closed. 20404: no such account, when creating.
        case 20003, 20005, 20404: .accountRefused
        // 20429: too many requests. 14107, 63017, 63018: rate of the sender, the account, the channel.
        // 21611, 30001: the queue is full. 63038: the day's limit of the account.
        case 20429, 14107, 21611, 30001, 63017, 63018, 63038: .rateLimited
        case _: .other
        }
    }

    var description: String { String(rawValue) }
}
