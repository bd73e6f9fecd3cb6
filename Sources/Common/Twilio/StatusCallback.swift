/// News of a message of ours: sent, delivered, read or failed.
///
/// They are not in order, some never come, and one message has several: what tells them apart is the SID with the
/// status, never the SID alone.
package struct StatusCallback: Sendable {
    package var sid: MessageSID
    package var accountSID: String?
    package var messagingServiceSID: String?
    /// The status as it was sent; `status` is nil for one that Twilio has added since.
    package var statusText: String
    /// Whom the message is from: us.
    package var from: ChannelAddress?
    package var to: ChannelAddress?
    package var externalUserID: ChannelAddress?
    /// Twilio's number for what went wrong, 63016 for instance.
    package var errorCode: Int?

    package var status: MessageStatus? { MessageStatus(rawValue: statusText) }

    package init(_ form: FormParameters) throws(WebhookError) {
        sid = try form.messageSID()
        guard let status = form["MessageStatus"] ?? form["SmsStatus"] else { throw .missing("MessageStatus") }
        guard status.utf8.count <= 32, status.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformed("MessageStatus")
        }
        statusText = status
        accountSID = form["AccountSid"]
        messagingServiceSID = form["MessagingServiceSid"]
        from = try form.address("From")
        to = try form.address("To")
        externalUserID = try form.address("ExternalUserId")
        errorCode = form["ErrorCode"].flatMap { Int($0) }
    }
}
