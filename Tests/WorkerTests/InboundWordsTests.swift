import Common
import Conversation
import Testing

@testable import Worker

/// What a message says, whatever it was sent with.
@Suite struct InboundWordsTests {
    private func message(_ fields: [(String, String)]) throws -> InboundMessage {
        let sid = "SM" + String(repeating: "0", count: 32)
        let all = [
            ("MessageSid", sid), ("AccountSid", "AC" + String(repeating: "0", count: 32)),
            ("From", "whatsapp:+447700900123"), ("To", "whatsapp:+447700900999"),
        ]
        let body = (all + fields).map { "\($0.0)=\($0.1.replacing("+", with: "%2B").replacing(" ", with: "+"))" }
            .joined(separator: "&")
        return try InboundMessage(FormParameters(webhook: Array(body.utf8)))
    }

    /// A button's name counts where it is a command, else what it shows; so does a line of a list.
    @Test(arguments: [
        ([("Body", "YES")], "YES"),
        ([("Body", "I accept"), ("ButtonText", "I accept the terms, thank you"), ("ButtonPayload", "YES")], "YES"),
        ([("Body", "Yes"), ("ButtonText", "Yes"), ("ButtonPayload", "btn_7f3")], "Yes"),
        ([("Body", "Yes"), ("ButtonText", "Yes")], "Yes"),
        ([("Body", ""), ("ListTitle", "My claims"), ("ListId", "STATUS")], "STATUS"),
        ([("Body", ""), ("ListTitle", "Settings"), ("ListId", "row-3")], "Settings"),
        ([("Body", "x"), ("ButtonText", "Mute"), ("ButtonPayload", "notifications_off")], "notifications_off"),
    ])
    func buttonsCountAsTheirText(fields: [(String, String)], words: String) throws {
        let message = try message(fields)
        #expect(message.words == words)
        #expect(Conversation.Input(message) == .text(words))
    }
}
