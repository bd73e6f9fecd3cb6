import Common
import Conversation
import Testing

@testable import Worker

/// Where replies are made, long ones become several.
@Suite struct ReplyPartsTests {
    private func decision(_ effects: [Conversation.Effect], phone: String? = "+447700900123") throws -> Decision {
        let sid = "SM" + String(repeating: "1", count: 32)
        let address = "whatsapp:+447700900123"
        let body = FormParameters.encode([
            ("MessageSid", sid), ("From", address), ("To", "whatsapp:+14155238886"), ("Body", "hi"), ("NumMedia", "0"),
            ("AccountSid", "AC" + String(repeating: "0", count: 32)),
        ])
        let envelope = Envelope(
            messageSID: sid, sender: address, receivedAt: .now, correlationID: CorrelationID(), kind: .message,
            body: body)
        var writer = EffectWriter(
            message: try InboundMessage(FormParameters(webhook: body)),
            person: Person(id: .timeOrdered(), isNew: false, phoneNumber: phone, challenges: []), envelope: envelope,
            policy: CodePolicy(challenges: [], now: .now),
            oneTimeCode: OneTimeCode(secret: Secret(String(repeating: "s", count: 40))), codeChannel: .whatsApp,
            now: .now)
        var decision = Decision(state: StoredState(.start), raw: body)
        for effect in effects { writer.perform(effect, on: &decision) }
        return decision
    }

    @Test func aLongReplyIsSentInPartsAndWhatFollowsKeepsItsPlace() throws {
        let name = Array(repeating: "Ada", count: 600).joined(separator: " ")
        let decision = try decision([
            .reply(.welcome(name: name, termsURL: "https://example.com/terms")), .issueCode, .reply(.menu),
        ])
        #expect(decision.replies.count >= 5)
        #expect(decision.replies.map(\.position) == Array(decision.replies.indices))
        #expect(decision.replies.allSatisfy { $0.body.count <= ReplySplitter.longestPart })
        #expect(decision.replies.filter { $0.body.contains("https://example.com/terms") }.count == 1)
        let codes = decision.replies.filter { $0.kind == .code }
        #expect(codes.count == 1 && codes.allSatisfy { $0.body.contains(OutboundReply.codePlaceholder) })
    }
}
