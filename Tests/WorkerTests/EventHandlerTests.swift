import Common
import Conversation
import Testing

@testable import Worker

@Suite struct EventHandlerTests {
    let envelope = Envelope(
        messageSID: "throttled:SM1", sender: "whatsapp:+447700900123", receivedAt: .now,
        correlationID: CorrelationID(), kind: .event, body: Array(#"{"type":"sender.throttled"}"#.utf8))

    func person(isNew: Bool = false, optedOutAt: Timestamp? = nil) -> Person {
        Person(id: .timeOrdered(), isNew: isNew, optedOutAt: optedOutAt, challenges: [])
    }

    @Test func whoWasTurnedAwayIsToldSoAndStaysWhereTheyWere() throws {
        let event = try EventHandler.Event(envelope)
        #expect(event == .senderThrottled)
        let decision = try #require(EventHandler.throttled(envelope, person(), .awaitingOTP(), now: .now))
        #expect(decision.replies.map(\.body) == [Texts.tooManyMessages()])
        #expect(decision.replies.map(\.recipient) == ["whatsapp:+447700900123"])
        #expect(decision.state == StoredState(.awaitingOTP()))
        #expect(decision.events.isEmpty && decision.statements.isEmpty)
    }

    @Test func nothingIsSaidToStrangersAndToThoseWhoSaidStop() {
        #expect(EventHandler.throttled(envelope, person(isNew: true), .start, now: .now) == nil)
        #expect(EventHandler.throttled(envelope, person(optedOutAt: .now), .menu(), now: .now) == nil)
    }

    @Test(arguments: [#"{"type":"made.up"}"#, "{}", "", "not JSON", "[]"])
    func whatIsNoEventOfOursIsKeptForAnOperator(body: String) {
        var envelope = envelope
        envelope.body = Array(body.utf8)
        #expect(throws: EventHandler.Unreadable.self) { try EventHandler.Event(envelope) }
    }
}
