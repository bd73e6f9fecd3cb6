package import Common

/// The body of the webhook that would have told of a listed message.
package enum WebhookForm {
    /// Says that nobody posted this: it was made from the list.
    package static let marker = "Backfilled"

    /// Makes the parameters that the list can tell; profile name and buttons it cannot.
    ///
    /// Without text and media it was something that the list does not show (a place, a contact), and says so, as
    /// `MessageType=unsupported` does.
    package static func body(of message: ListedMessage, media: [ListedMedia]) -> [UInt8] {
        let sid = message.sid.text
        var form = [
            ("SmsMessageSid", sid), ("NumMedia", "\(media.count)"), ("SmsSid", sid), ("SmsStatus", "received"),
            ("Body", message.body), ("To", message.to), ("MessageSid", sid), ("AccountSid", message.accountSID),
            ("From", message.from.text), ("ApiVersion", message.apiVersion),
        ]
        if message.from.isWhatsApp, let number = message.from.phoneNumber {
            form.append(("WaId", String(number.e164.dropFirst())))
        }
        if let service = message.messagingServiceSID { form.append(("MessagingServiceSid", service)) }
        if message.body.isEmpty, media.isEmpty { form.append(("MessageType", "unsupported")) }
        for (index, item) in media.enumerated() {
            form.append(("MediaContentType\(index)", item.contentType))
            form.append(("MediaUrl\(index)", item.url))
        }
        form.append((marker, "true"))
        return FormParameters.encode(form)
    }

    /// The envelope to push: received when the provider received it, in the queue of `sender`.
    package static func envelope(
        of message: ListedMessage, media: [ListedMedia], sender: String, correlationID: CorrelationID = .init()
    ) -> Envelope {
        Envelope(
            messageSID: message.sid.text, sender: sender, receivedAt: message.created, correlationID: correlationID,
            kind: .message, body: body(of: message, media: media))
    }
}
