import Common

/// Whose turn it is, as far as a message or an event tells.
struct Correspondent: Sendable {
    /// The channel address that identifies the person: the queue's name for them.
    var sender: String
    var phoneNumber: String?
    var externalUserID: String?
    var profileName: String?

    /// The author of a message.
    init(_ message: InboundMessage, sender: String) {
        self.sender = sender
        phoneNumber = message.from.phoneNumber?.e164
        externalUserID = message.externalUserID?.text
        profileName = message.profileName
    }

    /// Someone who is known by this very address, or not at all.
    init(known sender: String) { self.sender = sender }

    /// Someone of whom only the address is known.
    init(sender: String) {
        self.sender = sender
        phoneNumber = ChannelAddress(sender)?.phoneNumber?.e164
        externalUserID = phoneNumber == nil ? sender : nil
    }
}
