import Common
import TestSupport
import Testing

@testable import Worker

/// Replies on their way to a Twilio that answers as it is told to.
@Suite(.sendingGround) struct ReplySenderTests {
    @Test func partsGoInOrderAndEachOnce() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1, texts: ["one", "two", "three"])
            let progress = try await sending.send(to: ada)
            #expect(progress == .finished)
            #expect(sending.twilio.taken.map { $0.form["Body"] } == ["one", "two", "three"])
            let ids = try await sending.replyIDs(ada)
            #expect(sending.twilio.taken.map(\.replyID) == ids)
            let again = try await sending.send(to: ada)
            #expect(again == .finished)
            #expect(sending.twilio.received.count == 3)
            #expect(sending.metric(#"whatsapp_replies_total{result="sent"}"#) == "3")
            #expect(sending.metric("whatsapp_send_wait_seconds_count") == "3")
            #expect(sending.metric(#"whatsapp_twilio_request_seconds_count{status="201"}"#) == "3")
            #expect(sending.metric("whatsapp_twilio_breaker_state") == "0")
        }
    }

    /// What was not processed is tried again; nothing behind it overtakes it.
    @Test func whatWasTurnedAwayWaitsAndGoesOn() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1, texts: ["one", "two"])
            sending.twilio.answer(.status(429, code: 20429, retryAfter: 3))
            guard case .pause(let pause) = try await sending.send(to: ada) else {
                Issue.record("it waits")
                return
            }
            #expect(pause >= .seconds(3) && pause < .seconds(4))
            #expect(try await sending.rows(ada) == ["sending|1|", "sending|0|"])
            // The pause is everybody's: nothing is sent until it is over.
            guard case .pause(let rest) = try await sending.send(to: ada) else {
                Issue.record("it still waits")
                return
            }
            #expect(rest > .seconds(2) && rest < .seconds(4))
            #expect(sending.twilio.received.count == 1)
            try await sending.product.redisCommand("DEL", .init(SendAllowance.key))
            try await until("the pause is over") { try await sending.send(to: ada) == .finished }
            #expect(sending.twilio.taken.map { $0.form["Body"] } == ["one", "two"])
            #expect(try await sending.rows(ada) == ["sent|2|", "sent|1|"])
            #expect(sending.metric(#"whatsapp_replies_total{result="retried"}"#) == "1")
        }
    }

    @Test func aReplyThatIsTooOldIsNotSentAndToldOnce() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1, texts: ["late"])
            sending.pass(.seconds(86_500))
            let progress = try await sending.send(to: ada)
            #expect(progress == .finished)
            _ = try await sending.send(to: ada)
            #expect(sending.twilio.received.isEmpty)
            #expect(try await sending.rows(ada) == ["failed|0|"])
            #expect(try await sending.events(ada) == ["message.failed|expired|"])
            #expect(sending.metric("test_wake_ups") == "1")
        }
    }

    // MARK: Unknown

    @Test func evidenceInTheListSavesASecondMessage() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1, texts: ["one", "two"])
            sending.twilio.answer(.acceptedSilently)
            let progress = try await sending.send(to: ada)
            #expect(progress == .pause(.seconds(20)))
            #expect(try await sending.rows(ada) == ["unknown|1|", "sending|0|"])
            sending.pass(.seconds(21))
            let later = try await sending.send(to: ada)
            #expect(later == .finished)
            #expect(sending.twilio.received.map { $0.form["Body"] } == ["one", "two"])
            #expect(try await sending.rows(ada) == ["sent|1|", "sent|1|"])
            #expect(sending.metric(#"whatsapp_replies_total{result="found"}"#) == "1")
        }
    }

    @Test func withoutEvidenceItIsSentAgainAndTheDuplicateIsCountedOnce() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1, texts: ["one"])
            sending.twilio.answer(.acceptedSilently)
            _ = try await sending.send(to: ada)
            sending.twilio.list(isBlind: true)
            for seconds in [21, 40, 60] {
                sending.pass(.seconds(seconds))
                guard case .pause = try await sending.send(to: ada) else {
                    Issue.record("too early to send again")
                    return
                }
            }
            #expect(sending.twilio.received.count == 1 && sending.twilio.lookups == 3)
            sending.pass(.seconds(30))
            let progress = try await sending.send(to: ada)
            #expect(progress == .finished)
            #expect(sending.twilio.received.count == 2)
            // The first attempt had arrived after all: its callbacks are late.
            let first = sending.twilio.taken[0]
            for status in ["sent", "delivered", "delivered", "read"] {
                try await sending.report(status, sid: first.sid, of: first.replyID)
            }
            let row = try await sending.psql(
                "SELECT state, provider_sid, duplicate_sids FROM whatsapp_handler.outbound_messages")
            #expect(row == ["read|\(sending.twilio.taken[1].sid)|{\(first.sid)}"])
            #expect(sending.metric("whatsapp_reply_duplicates_total") == "1")
        }
    }

    /// The callback of the first attempt comes before the answer to the second.
    @Test func anAnswerToASecondAttemptMayBeTheDuplicate() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1, texts: ["one"])
            let id = try await sending.replyIDs(ada)[0]
            try await sending.report("sent", sid: "SMfirst", of: id)
            try await sending.sender.ledger.accept("SMsecond", for: UUID(id) ?? .random())
            let row = try await sending.psql(
                "SELECT state, provider_sid, duplicate_sids FROM whatsapp_handler.outbound_messages")
            #expect(row == ["sent|SMfirst|{SMsecond}"])
            #expect(sending.metric("whatsapp_reply_duplicates_total") == "1")
        }
    }

    @Test func aCallbackEndsTheDoubt() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1, texts: ["one", "two"])
            sending.twilio.answer(.acceptedSilently)
            _ = try await sending.send(to: ada)
            let first = sending.twilio.taken[0]
            try await sending.report("delivered", sid: first.sid, of: first.replyID)
            let progress = try await sending.send(to: ada)
            #expect(progress == .finished)
            #expect(try await sending.rows(ada) == ["delivered|1|", "sent|1|"])
            #expect(sending.twilio.lookups == 0)
            #expect(sending.metric(#"whatsapp_reply_status_total{status="delivered"}"#) == "1")
        }
    }

    @Test func aCodeIsNotSentTwice() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1, texts: ["\(OutboundReply.codePlaceholder) is your code", "two"])
            let challenge = UUID.timeOrdered()
            try await sending.postgres.unit([
                """
                INSERT INTO otp_challenges (id, user_id, code_mac, salt, channel, sent_to, expires_at)
                VALUES (\(challenge), \(ada.id), \([UInt8](repeating: 1, count: 32)),
                        \([UInt8](repeating: 2, count: 16)), 'whatsapp', \(ada.phone), now())
                """,
                "UPDATE outbound_messages SET challenge_id = \(challenge) WHERE position = 0",
            ])
            sending.twilio.answer(.status(500))
            _ = try await sending.send(to: ada)
            sending.pass(.seconds(151))
            let progress = try await sending.send(to: ada)
            #expect(progress == .finished, "the conversation goes on")
            #expect(try await sending.rows(ada) == ["unknown|1|", "sent|1|"])
            #expect(sending.twilio.received[0].form["Body"]?.hasPrefix("••") == false)
            #expect(sending.metric(#"whatsapp_replies_total{result="parked"}"#) == "1")
        }
    }

    /// A kept-alive connection dies with the request on it: libcurl by itself would send it again.
    @Test func nothingIsSentAgainByTheClientItself() async throws {
        let listener = try RawListener()
        try await Sending.ground(apiURL: "http://127.0.0.1:\(listener.port)") { sending in
            let ada = try await sending.passenger(1, texts: ["one", "two"])
            async let progress = sending.send(to: ada)
            let connection = try await listener.accept()
            _ = try await connection.receive { $0.contains("Body=one") }
            let answer = #"{"sid":"SM1"}"#
            try await connection.send("HTTP/1.1 201 Created\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)")
            let seen = try await connection.receive { $0.contains("Body=two") }
            #expect(seen.hasPrefix("POST "))
            connection.shutDown()
            let ended = try await progress
            #expect(ended == .pause(.seconds(20)))
            #expect(try await sending.rows(ada) == ["sent|1|", "unknown|1|"])
            // libcurl may connect again before it finds that it may not: not a byte of a request follows.
            while let another = listener.acceptNow() {
                let repeated = try await another.receive()
                #expect(repeated.isEmpty)
            }
        }
    }

    // MARK: Ownership

    @Test func aZombieSendsNothing() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1)
            let lost = try await sending.send(to: ada, fence: 6)
            #expect(lost == .lost)
            #expect(sending.twilio.received.isEmpty)
            // Two who read the same row: one of them may.
            let replies = try await sending.sender.ledger.replies(to: ada.messageSID)
            let errand = ReplyErrand(person: ada.id, fence: nil, correlationID: CorrelationID())
            async let one = sending.sender.send(replies, for: errand)
            async let two = sending.sender.send(replies, for: errand)
            let ends = [try await one, try await two]
            #expect(ends.contains(.finished) && ends.contains(.pause(.zero)))
            #expect(sending.twilio.received.count == 1)
        }
    }

    // MARK: Twilio away

    @Test func whileTwilioIsAwayNothingIsAskedAndEvidenceComesFirstAfterwards() async throws {
        try await Sending.ground { sending in
            var passengers: [Sending.Passenger] = []
            for number in 1...6 { passengers.append(try await sending.passenger(number)) }
            for _ in 1...5 { sending.twilio.answer(.acceptedSilently) }
            for passenger in passengers.prefix(5) { _ = try await sending.send(to: passenger) }
            #expect(sending.sender.gate.admit(8) == 0)
            #expect(sending.metric("whatsapp_twilio_breaker_state") == "2")
            guard case .pause = try await sending.send(to: passengers[5]) else {
                Issue.record("it is not even tried")
                return
            }
            #expect(sending.twilio.received.count == 5)
            #expect(try await sending.rows(passengers[5]) == ["sending|0|"])
            sending.pass(.seconds(200))
            guard case .pause = try await sending.send(to: passengers[0]) else {
                Issue.record("nor is the list")
                return
            }
            #expect(sending.twilio.lookups == 0)
            try await until("the pause is over") { sending.sender.gate.admit(8) == 1 }
            #expect(sending.metric("whatsapp_twilio_breaker_state") == "1")
            // What may have been sent is found and not sent again, though nobody has yet sent anything.
            for passenger in passengers.prefix(5) {
                let progress = try await sending.send(to: passenger)
                #expect(progress == .finished)
            }
            #expect(sending.twilio.received.count == 5)
            let last = try await sending.send(to: passengers[5])
            #expect(last == .finished)
            #expect(sending.sender.gate.admit(8) == 8)
            #expect(sending.metric("whatsapp_twilio_breaker_state") == "0")
        }
    }

    @Test func aRefusedAccountIsNotTheMessagesFault() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1)
            sending.twilio.answer(.status(401, code: 20003))
            guard case .pause(let pause) = try await sending.send(to: ada) else {
                Issue.record("it waits")
                return
            }
            #expect(pause >= .seconds(30))
            #expect(try await sending.rows(ada) == ["sending|1|"])
            #expect(try await sending.psql("SELECT attempted_at FROM whatsapp_handler.outbound_messages") == [])
            #expect(sending.sender.gate.admit(8) == 0)
            #expect(try await sending.events(ada) == [])
        }
    }
}
