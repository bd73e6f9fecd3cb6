import Common
import Testing

@Suite struct OutboxEventTests {
    let user = UUID.timeOrdered()
    let time = Timestamp(microseconds: 1_795_376_100_123_000)
    let cause = OutboxCause(correlationID: CorrelationID(accepting: "c-1"), messageSID: "SM1")

    @Test func aRegistrationTellsWhoAndWhen() {
        let event = OutboxEvent.userRegistered(user, phoneNumber: "+447700900123", at: time, cause: cause)
        #expect(event.type.rawValue == "user.registered")
        #expect(event.aggregateType == .user)
        #expect(event.aggregateID == user)
        #expect(event.orderingKey == user.description)
        #expect(event.shard == OutboxShard.of(user.description))
        #expect(
            event.payload == #"{"user_id":"\#(user)","phone_number":"+447700900123","#
                + #""registered_at":"2026-11-22T19:35:00.123Z","correlation_id":"c-1","causation_id":"SM1"}"#)
    }

    /// A journey's events are ordered with those of its passenger.
    @Test func aJourneyIsOrderedByItsUser() {
        let journey = OutboxEvent.Journey(
            id: .timeOrdered(), userID: user, reference: "DR-1", originCRS: "KGX", destinationCRS: "EDB",
            departure: "2026-11-22T08:00:00+00:00", reportedDelayMinutes: 61, isCancelled: false, ticketFarePence: nil,
            ticketClass: "standard", ticketType: nil, ticketURL: nil)
        let created = OutboxEvent.journeyCreated(journey, at: time, cause: cause)
        let withdrawn = OutboxEvent.claimWithdrawn(journeyID: journey.id, userID: user, at: time, cause: cause)
        for event in [created, withdrawn] {
            #expect(event.aggregateType == .journey)
            #expect(event.aggregateID == journey.id)
            #expect(event.orderingKey == user.description)
        }
        #expect(created.payload.contains(#""cancelled":false,"ticket_fare_pence":null,"ticket_class":"standard""#))
        #expect(created.payload.contains(#""journey_type":"single""#))
    }

    @Test func everyPayloadNamesItsCause() {
        let events: [OutboxEvent] = [
            .userVerified(user, phoneNumber: nil, at: time, cause: cause),
            .userLocked(user, reason: "too_many_codes", at: time, cause: cause),
            .userOptedOut(user, at: time, cause: cause),
            .userOptedIn(user, at: time, cause: cause),
            .userDeleted(user, at: time, cause: cause),
            .preferencesChanged(user, changed: [.init("language", "cy-GB")], at: time, cause: cause),
            .messageFailed(userID: user, outboundID: .timeOrdered(), errorCode: 63016, at: time, cause: cause),
        ]
        for event in events {
            #expect(event.payload.hasPrefix(#"{"user_id":"\#(user)""#))
            #expect(event.payload.hasSuffix(#""correlation_id":"c-1","causation_id":"SM1"}"#))
        }
        #expect(Set(events.map(\.id)).count == events.count)
    }

    @Test func withoutAMessageTheCausationIsNull() {
        let event = OutboxEvent.userOptedIn(
            user, at: time, cause: OutboxCause(correlationID: CorrelationID(accepting: "c")))
        #expect(event.payload.hasSuffix(#""causation_id":null}"#))
    }
}
