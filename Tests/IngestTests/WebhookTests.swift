import Common
import TestSupport
import Testing

/// Webhooks as values, without a server.
@Suite struct WebhookTests {
    @Test(arguments: Fixtures.examples.filter { !$0.isStatus })
    func anExampleIsAMessage(_ example: Fixtures.Example) throws {
        let message = try InboundMessage(FormParameters(webhook: Array(example.formBody.utf8)))
        #expect(message.sid.text == example.parameter("MessageSid"))
        #expect(message.from.text == example.parameter("From"))
        #expect(message.to?.text == "whatsapp:+14155238886")
        #expect(message.sender.text == example.parameter("ExternalUserId") ?? example.parameter("From"))
        #expect(message.body == example.parameter("Body"))
        #expect(message.accountSID == Fixtures.account)
        #expect(message.media.count == message.mediaCount)
    }

    @Test(arguments: Fixtures.examples.filter(\.isStatus))
    func anExampleIsAStatus(_ example: Fixtures.Example) throws {
        let callback = try StatusCallback(FormParameters(webhook: Array(example.formBody.utf8)))
        #expect(callback.sid.text == example.parameter("MessageSid"))
        #expect(callback.status?.rawValue == example.parameter("MessageStatus"))
        #expect(callback.from?.text == "whatsapp:+14155238886")
        #expect(callback.errorCode == example.parameter("ErrorCode").flatMap { Int($0) })
    }

    @Test func theDetailsOfAMessageAreRead() throws {
        func message(_ id: String) throws -> InboundMessage {
            let example = try #require(Fixtures.examples.first { $0.id == id })
            return try InboundMessage(FormParameters(webhook: Array(example.formBody.utf8)))
        }
        #expect(try message("text_bsuid_only").from.phoneNumber == nil)
        #expect(try message("text_bsuid_only").sender.text == "whatsapp:GB.13491208655302741918")
        #expect(try message("text").from.phoneNumber?.e164 == "+447700900123")
        #expect(try message("two_media").media.count == 2)
        #expect(try message("image_caption").media.first?.contentType == "image/jpeg")
        #expect(try message("location").location?.label == "London Euston")
        #expect(try message("button_quick_reply_template").button?.payload == "claim:yes:J-42")
        #expect(try message("list_reply").listID == "station:EUS")
        #expect(try message("forwarded").isForwarded)
        #expect(try message("reply_to_message").repliedToSID != nil)
        #expect(try message("messaging_service").messagingServiceSID != nil)
    }

    @Test(
        arguments: [
            ("", .missing("MessageSid")), ("From=whatsapp:%2B447700900123", .missing("MessageSid")),
            ("MessageSid=&From=a", .missing("MessageSid")), ("MessageSid=SM12&From=a", .malformed("MessageSid")),
            ("MessageSid=SM00000000000000000000000000000001", .missing("From")),
            ("MessageSid=SM00000000000000000000000000000001&From=a+b", .malformed("From")),
            ("MessageSid=SM00000000000000000000000000000001&From=a%1Fb", .malformed("From")),
            ("MessageSid=SM00000000000000000000000000000001&From=a&Body=%FF", .notText),
            ("MessageSid=SM00000000000000000000000000000001&From=a&%C3=%A9", .notText),
            (String(repeating: "a&", count: 1025), .notAForm),
        ] as [(String, WebhookError)])
    func whatIsNoMessageIsRefused(body: String, expected: WebhookError) {
        #expect(throws: expected) { try InboundMessage(FormParameters(webhook: Array(body.utf8))) }
    }

    @Test func theFirstOfRepeatedParametersCounts() throws {
        let form = try FormParameters(webhook: Array("a=1&a=2&b&=c&d=x=y&&e=%zz%4&f=%2".utf8))
        #expect(form["a"] == "1")
        #expect(form["b"] == nil)
        #expect(form.bytes("b") == [])
        #expect(form.bytes("c") == nil)
        #expect(form["d"] == "x=y")
        #expect(form["e"] == "%zz%4")
        #expect(form["f"] == "%2")
        #expect(form.count == 7)
    }

    @Test func aBodyCannotBringPostgresANulByte() throws {
        let body = Array("MessageSid=SM00000000000000000000000000000001&From=a&Body=a%00b".utf8)
        #expect(try InboundMessage(FormParameters(webhook: body)).body == "ab")
    }

    @Test func anEncodedFormReadsTheSame() throws {
        let body = FormParameters.encode([("Body", "a +&=%é🚂\n"), ("To", "whatsapp:+447700900123"), ("Empty", "")])
        #expect(
            String(decoding: body, as: UTF8.self)
                == "Body=a+%2B%26%3D%25%C3%A9%F0%9F%9A%82%0A&To=whatsapp%3A%2B447700900123&Empty=")
        let form = try FormParameters(webhook: body)
        #expect(form["Body"] == "a +&=%é🚂\n")
        #expect(form["To"] == "whatsapp:+447700900123")
    }

    /// Random and cut bodies give a value or a clean error.
    @Test(arguments: UInt64(0)..<20)
    func anyBytesAreReadOrRefused(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let alphabet = Array("&=%+aF0\u{FF}M".utf8)
            let body = (0..<Int.random(in: 0..<64, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? alphabet.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
            }
            if let form = FormParameters(parsing: body) {
                #expect(form.signedBytes.count <= body.count)
                _ = try? InboundMessage(form)
            }
        }
    }

    @Test(arguments: ["+447700900123", "+15551234567", "+1234567"])
    func aNumberIsReadAndMasked(_ text: String) throws {
        let number = try #require(PhoneNumber(text))
        #expect(number.e164 == text)
        #expect(!"\(number)".contains(text.dropFirst(3)))
        #expect(!String(reflecting: number).contains(text.dropFirst(3)))
        var dumped = ""
        dump([number: ChannelAddress(whatsApp: number)], to: &dumped)
        #expect(!dumped.contains(text.dropFirst(3)))
    }

    @Test(arguments: [
        "", "+", "447700900123", "+0447700900123", "+44770090012x", "+123456", "+1234567890123456", "+44 7700",
    ])
    func whatIsNoNumberIsRefused(_ text: String) { #expect(PhoneNumber(text) == nil) }

    @Test func masksShowEnoughToTellPeopleApartAndNoMore() {
        #expect(PhoneNumber("+447700900123")?.description == "+4477…123")
        #expect(ChannelAddress("whatsapp:+447700900123")?.description == "whatsapp:+4477…123")
        #expect(ChannelAddress("whatsapp:GB.13491208655302741918")?.description == "whatsapp:GB.13…918")
        #expect(ChannelAddress("+447700900123")?.description == "+4477…123")
        #expect(ChannelAddress("abc")?.description == "ab…")
    }

    @Test func statusesNeverGoBack() {
        #expect(MessageStatus.sent.rank < MessageStatus.delivered.rank)
        #expect(MessageStatus.delivered.rank < MessageStatus.read.rank)
        #expect(MessageStatus.read.rank < MessageStatus.failed.rank)
        #expect(MessageStatus(rawValue: "partially_delivered") == .partiallyDelivered)
    }
}
