/// A message that someone sent to us, as its webhook tells it.
///
/// Parameter names are those of https://www.twilio.com/docs/messaging/guides/webhook-request; Twilio adds some without
/// notice, and what is not listed here is left alone.
package struct InboundMessage: Sendable {
    /// A picture, voice note, film or document that came with the message.
    package struct Media: Hashable, Sendable {
        package var url: String
        package var contentType: String
    }

    /// A place that was shared; degrees, positive to the north and east.
    package struct Location: Hashable, Sendable {
        package var latitude: Double
        package var longitude: Double
        package var address: String?
        package var label: String?
    }

    /// A press of a quick-reply button: what it showed, and the name that we gave it.
    package struct Button: Hashable, Sendable {
        package var text: String
        package var payload: String?
    }

    /// More media than a message can have are not looked for.
    private static let mediaLimit = 10

    package var sid: MessageSID
    package var accountSID: String?
    package var messagingServiceSID: String?
    package var from: ChannelAddress
    package var to: ChannelAddress?
    /// The business-scoped user id that WhatsApp gives to everyone, by which it is the same person as before.
    package var externalUserID: ChannelAddress?
    /// The number without `+`, as WhatsApp has it.
    package var waID: String?
    package var profileName: String?
    /// The text, or the caption of media; empty when there is none.
    package var body: String
    /// `text`, `image`, `audio`, `video`, `document`, `location`, `button`, `interactive` and more; not always sent.
    package var messageType: String?
    /// How many media Twilio counts; `media` holds those whose address was sent.
    package var mediaCount: Int
    package var media: [Media]
    package var location: Location?
    package var button: Button?
    /// The id that we gave to the line chosen from a list.
    package var listID: String?
    package var listTitle: String?
    /// The message that this one answers, if that one is at most seven days old.
    package var repliedToSID: MessageSID?
    package var isForwarded: Bool
    /// `STOP`, `START` or `HELP`, where Twilio itself reads these words.
    package var optOutType: String?

    /// Whom the conversation is with: the user id if there is one, else the address that the message came from.
    package var sender: ChannelAddress { externalUserID ?? from }

    /// What must be known of a message to put it in its place, cheaper to read than all of it.
    package struct Addressing: Sendable {
        package var sid: MessageSID
        package var from: ChannelAddress
        package var externalUserID: ChannelAddress?
        package var sender: ChannelAddress { externalUserID ?? from }

        package init(_ form: FormParameters) throws(WebhookError) {
            sid = try form.messageSID()
            guard let from = try form.address("From") else { throw .missing("From") }
            self.from = from
            externalUserID = try form.address("ExternalUserId")
        }
    }

    package init(_ form: FormParameters) throws(WebhookError) {
        let addressing = try Addressing(form)
        sid = addressing.sid
        from = addressing.from
        externalUserID = addressing.externalUserID
        to = try form.address("To")
        accountSID = form["AccountSid"]
        messagingServiceSID = form["MessagingServiceSid"]
        waID = form.text("WaId")
        profileName = form.text("ProfileName")
        body = form.text("Body") ?? ""
        messageType = form.text("MessageType")
        mediaCount = form["NumMedia"].flatMap { Int($0) }.map { max(0, $0) } ?? 0
        media = (0..<min(mediaCount, Self.mediaLimit)).compactMap { index in
            form.text("MediaUrl\(index)").map {
                Media(url: $0, contentType: form.text("MediaContentType\(index)") ?? "application/octet-stream")
            }
        }
        location = Self.location(form)
        button = form.text("ButtonText").map { Button(text: $0, payload: form.text("ButtonPayload")) }
        listID = form.text("ListId")
        listTitle = form.text("ListTitle")
        repliedToSID = form["OriginalRepliedMessageSid"].flatMap { MessageSID($0) }
        isForwarded = form["Forwarded"] == "true" || form["FrequentlyForwarded"] == "true"
        optOutType = form.text("OptOutType")
    }

    private static func location(_ form: FormParameters) -> Location? {
        guard let latitude = form["Latitude"].flatMap({ Double($0) }), (-90...90).contains(latitude),
            let longitude = form["Longitude"].flatMap({ Double($0) }), (-180...180).contains(longitude)
        else { return nil }
        return Location(
            latitude: latitude, longitude: longitude, address: form.text("Address"), label: form.text("Label"))
    }
}
