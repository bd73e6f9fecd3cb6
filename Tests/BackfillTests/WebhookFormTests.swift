import Backfill
import Common
import Testing

@Suite struct WebhookFormTests {
    func read(_ message: ListedMessage, _ media: [ListedMedia] = []) throws -> (InboundMessage, FormParameters) {
        let envelope = WebhookForm.envelope(of: message, media: media, sender: message.from.text)
        let form = try FormParameters(webhook: envelope.body)
        return (try InboundMessage(form), form)
    }

    @Test func itReadsAsTheWebhookWould() throws {
        let (inbound, form) = try read(message(7, body: "Zug & verspätet 😡\n+1"))
        #expect(inbound.sid == sid(7) && inbound.accountSID == FakeProvider.account)
        #expect(inbound.from.text == "whatsapp:+447700900123" && inbound.to?.text == FakeProvider.ours)
        #expect(inbound.body == "Zug & verspätet 😡\n+1" && inbound.mediaCount == 0)
        #expect(inbound.waID == "447700900123" && inbound.messageType == nil)
        #expect(form["SmsMessageSid"] == sid(7).text && form["ApiVersion"] == "2010-04-01")
        #expect(form["Backfilled"] == "true")
    }

    @Test func mediaComeWithTheirAddresses() throws {
        let media = (0..<2).map { ListedMedia(url: "https://x/\($0)?a=b&c", contentType: "image/jpeg") }
        let (inbound, _) = try read(message(7, body: "", media: 2), media)
        #expect(inbound.mediaCount == 2)
        #expect(inbound.media.map(\.url) == media.map(\.url) && inbound.media[0].contentType == "image/jpeg")
        #expect(inbound.messageType == nil)
    }

    /// The list shows neither places nor contacts: the conversation says politely that it cannot read this.
    @Test func anEmptyMessageIsUnsupported() throws {
        #expect(try read(message(7, body: "")).0.messageType == "unsupported")
    }

    @Test func peopleWithoutANumberHaveNoWaId() throws {
        let (inbound, _) = try read(message(7, from: "whatsapp:GB.13491208655302741918"))
        #expect(inbound.waID == nil && inbound.sender.text == "whatsapp:GB.13491208655302741918")
    }

    @Test func theEnvelopeIsOfTheTimeOfTheMessage() throws {
        let listed = message(7, age: 500)
        let envelope = WebhookForm.envelope(of: listed, media: [], sender: "whatsapp:GB.1")
        #expect(envelope.receivedAt == listed.created && envelope.kind == .message)
        #expect(envelope.messageSID == sid(7).text && envelope.sender == "whatsapp:GB.1")
        let again = try Envelope(decoding: envelope.encoded())
        #expect(again == envelope)
    }
}
