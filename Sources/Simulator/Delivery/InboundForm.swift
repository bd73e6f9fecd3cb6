/// The parameters of the webhook that tells of a passenger's message, in the order Twilio sends them.
enum InboundForm {
    static func make(_ message: Message, from passenger: Passenger, button: Button?, account: String) -> FormBody {
        let type = message.media.first.map { kind(of: $0.contentType) } ?? (button == nil ? "text" : "button")
        var form = FormBody([
            ("SmsMessageSid", message.sid), ("NumMedia", "\(message.media.count)"), ("ProfileName", passenger.name),
            ("MessageType", type), ("SmsSid", message.sid),
        ])
        // Somebody with a username shows no number: no WaId, and the user id wherever the number would stand.
        if passenger.userID == nil, let number = passenger.number { form.add("WaId", String(number.dropFirst())) }
        form.add("SmsStatus", "received")
        form.add("Body", message.body)
        form.add("To", message.to)
        form.add("NumSegments", "1")
        form.add("ReferralNumMedia", "0")
        form.add("MessageSid", message.sid)
        form.add("AccountSid", account)
        form.add("From", passenger.whatsAppAddress)
        form.add("ApiVersion", "2010-04-01")
        if let button {
            form.add("ButtonText", button.text)
            form.add("ButtonPayload", button.payload)
            if let replied = button.repliedTo {
                form.add("OriginalRepliedMessageSender", message.to)
                form.add("OriginalRepliedMessageSid", replied)
            }
        }
        for (index, media) in message.media.enumerated() {
            form.add("MediaContentType\(index)", media.contentType)
            form.add("MediaUrl\(index)", media.url)
        }
        if passenger.userID != nil { form.add("ExternalUserId", passenger.whatsAppAddress) }
        return form
    }

    /// A quick-reply button that was pressed.
    struct Button: Hashable, Sendable {
        let text: String
        let payload: String
        /// The message under which it stood.
        let repliedTo: String?
    }

    private static func kind(of contentType: String) -> String {
        switch contentType {
        case "image/webp": "sticker"
        case "text/vcard": "contacts"
        case let type where type.hasPrefix("image/"): "image"
        case let type where type.hasPrefix("audio/"): "audio"
        case let type where type.hasPrefix("video/"): "video"
        default: "document"
        }
    }
}
