import Common
import TestSupport
import Testing

@testable import Worker

/// Replies that Twilio refuses, at once or by a report, and what is done about them.
@Suite(.sendingGround) struct ReplyFailureTests {
    @Test func aRefusedReplyIsToldOnceAndTheNextOneGoes() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1, texts: ["one", "two"])
            sending.twilio.answer(.status(400, code: 63013))
            let progress = try await sending.send(to: ada)
            #expect(progress == .finished)
            _ = try await sending.send(to: ada)
            #expect(try await sending.rows(ada) == ["failed|1|63013", "sent|1|"])
            #expect(try await sending.events(ada) == ["message.failed|rejected|63013"])
            #expect(sending.metric(#"whatsapp_replies_total{result="failed"}"#) == "1")
            #expect(sending.metric("test_wake_ups") == "1", "the relay is told")
        }
    }

    @Test func anOptOutIsRecordedOnce() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1, texts: ["one", "two"])
            sending.twilio.answer(.status(400, code: 21610), .status(400, code: 21610))
            _ = try await sending.send(to: ada)
            #expect(try await sending.rows(ada) == ["failed|1|21610", "failed|1|21610"])
            #expect(
                try await sending.events(ada) == [
                    "message.failed|rejected|21610", "user.opted_out|twilio_21610|", "message.failed|rejected|21610",
                ])
            let optedOut = try await sending.psql(
                "SELECT count(*) FROM whatsapp_handler.users WHERE opted_out_at IS NOT NULL")
            #expect(optedOut == ["1"])
        }
    }

    /// A report that was long on its way does not undo a START.
    @Test func anOptOutThatIsOlderThanTheirLastMessageIsNone() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1)
            _ = try await sending.send(to: ada)
            try await sending.postgres.unit(
                "UPDATE users SET last_inbound_at = now() + interval '1 second' WHERE id = \(ada.id)")
            let message = sending.twilio.taken[0]
            try await sending.report("undelivered", sid: message.sid, of: message.replyID, errorCode: 63014)
            #expect(try await sending.events(ada) == ["message.failed|undelivered|63014"])
        }
    }

    @Test func reportsOfFailureAreToldOnce() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1)
            _ = try await sending.send(to: ada)
            let message = sending.twilio.taken[0]
            for status in ["sent", "undelivered", "failed", "undelivered", "sent"] {
                let progress = try await sending.report(
                    status, sid: message.sid, of: message.replyID, errorCode: status == "sent" ? nil : 63024)
                #expect(progress == .finished)
            }
            #expect(try await sending.rows(ada) == ["undelivered|1|63024"])
            #expect(try await sending.events(ada) == ["message.failed|undelivered|63024"])
            #expect(sending.metric("test_wake_ups") == "1")
            #expect(sending.metric(#"whatsapp_reply_status_total{status="undelivered"}"#) == "2")
            // A report of nothing of ours, and one of an erased person's, are nobody's business.
            try await sending.report("failed", sid: "SMother", of: "no id", errorCode: 1)
            try await sending.postgres.unit("DELETE FROM users WHERE id = \(ada.id)")
            try await sending.report("delivered", sid: message.sid, of: message.replyID)
            #expect(try await sending.rows(ada) == ["delivered|1|63024"])
        }
    }

    // MARK: Outside the window

    @Test func withoutATemplateALateReplyFails() async throws {
        try await Sending.ground { sending in
            let ada = try await sending.passenger(1)
            sending.twilio.answer(.status(400, code: 63016))
            _ = try await sending.send(to: ada)
            #expect(try await sending.rows(ada) == ["failed|1|63016"])
            #expect(try await sending.events(ada) == ["message.failed|rejected|63016"])
        }
    }

    @Test func refusedAtOnceTheTemplateTakesTheRepliesPlace() async throws {
        try await Sending.ground(templates: LateTemplates(reply: Sending.templateSID)) { sending in
            let ada = try await sending.passenger(1, texts: ["one", "two"])
            sending.twilio.answer(.status(400, code: 63016))
            let progress = try await sending.send(to: ada)
            #expect(progress == .finished)
            _ = try await sending.send(to: ada)
            #expect(try await sending.rows(ada) == ["failed|1|63016", "failed|0|63016", "sent|1|"])
            #expect(sending.twilio.taken.count == 1 && sending.twilio.received.count == 2)
            let form = sending.twilio.taken[0].form
            #expect(form["ContentSid"] == Sending.templateSID && form["Body"] == nil)
            #expect(form["ContentVariables"] == #"{"1": "Ada Lovelace"}"#)
            #expect(try await sending.events(ada) == [], "they are told by the template")
            // The template is refused too: now other services are told.
            let template = sending.twilio.taken[0]
            try await sending.report("undelivered", sid: template.sid, of: template.replyID, errorCode: 63016)
            #expect(sending.twilio.received.count == 2)
            #expect(try await sending.events(ada) == ["message.failed|undelivered|63016"])
        }
    }

    @Test func refusedByAReportTheTemplateFollowsOnce() async throws {
        try await Sending.ground(templates: LateTemplates(reply: Sending.templateSID)) { sending in
            let ada = try await sending.passenger(1, texts: ["one", "two"])
            _ = try await sending.send(to: ada)
            sending.twilio.answer(.acceptedSilently)
            let (one, two) = (sending.twilio.taken[0], sending.twilio.taken[1])
            let progress = try await sending.report("undelivered", sid: one.sid, of: one.replyID, errorCode: 63016)
            #expect(progress == .pause(.seconds(20)), "its own fate is unknown")
            try await sending.report("failed", sid: two.sid, of: two.replyID, errorCode: 63016)
            sending.pass(.seconds(21))
            // The report is delivered again until the template is sent.
            let later = try await sending.report("undelivered", sid: one.sid, of: one.replyID, errorCode: 63016)
            #expect(later == .finished)
            #expect(sending.twilio.received.count == 3)
            #expect(try await sending.rows(ada) == ["undelivered|1|63016", "failed|1|63016", "sent|1|"])
            #expect(try await sending.events(ada) == [])
        }
    }

    /// Ten late answers ask to write again once.
    @Test func oneTemplateIsEnoughUntilTheyWrite() async throws {
        try await Sending.ground(templates: LateTemplates(reply: Sending.templateSID)) { sending in
            let ada = try await sending.passenger(1)
            for number in 2...4 {
                let sid = "SMin\(number)"
                let reply = OutboundReply(
                    inReplyTo: sid, position: 0, sender: ada.address, recipient: ada.address, channel: .whatsApp,
                    body: "late")
                try await sending.postgres.unit(reply.insertStatement(user: ada.id, correlationID: CorrelationID()))
            }
            for number in 1...3 {
                var next = ada
                next.messageSID = "SMin\(number)"
                sending.twilio.answer(.status(400, code: 63016))
                let progress = try await sending.send(to: next)
                #expect(progress == .finished)
            }
            #expect(sending.twilio.taken.count == 1)
            try await sending.postgres.unit("UPDATE users SET last_inbound_at = now() WHERE id = \(ada.id)")
            var last = ada
            last.messageSID = "SMin4"
            sending.twilio.answer(.status(400, code: 63016))
            _ = try await sending.send(to: last)
            #expect(sending.twilio.taken.count == 2, "they have written since")
            // And not at all to someone who wants no messages.
            try await sending.postgres.unit("UPDATE users SET opted_out_at = now() WHERE id = \(ada.id)")
            let bob = try await sending.passenger(9)
            try await sending.postgres.unit("UPDATE users SET opted_out_at = now() WHERE id = \(bob.id)")
            sending.twilio.answer(.status(400, code: 63016))
            _ = try await sending.send(to: bob)
            #expect(sending.twilio.taken.count == 2)
            #expect(try await sending.events(bob) == ["message.failed|rejected|63016"])
        }
    }

    /// An outcome that was told in words, too late: its own template brings it, with what the words said.
    @Test func aLateOutcomeIsToldByItsOwnTemplate() async throws {
        let both = LateTemplates(reply: Sending.templateSID, evaluation: Sending.evaluationSID)
        try await Sending.ground(templates: both) { sending in
            let ada = try await sending.passenger(1)
            sending.twilio.answer(.status(400, code: 63016))
            _ = try await sending.send(to: ada)
            #expect(sending.twilio.taken.map { $0.form["ContentSid"] } == [Sending.templateSID])
            // Two outcomes, after a template that only asks to write again: each of them is news.
            for number in 2...3 {
                var outcome = OutboundReply(
                    inReplyTo: "event:\(number)", position: 0, sender: ada.address, recipient: ada.address,
                    channel: .whatsApp, body: "accepted")
                outcome.contentVariables = #"{"1": "DR-\#(number)", "2": "Leeds to York", "3": "accepted"}"#
                try await sending.postgres.unit(outcome.insertStatement(user: ada.id, correlationID: CorrelationID()))
                var errand = ada
                errand.messageSID = "event:\(number)"
                if number == 2 { sending.twilio.answer(.status(400, code: 63016)) }
                let progress = try await sending.send(to: errand)
                #expect(progress == .finished)
                if number == 3 {
                    let words = sending.twilio.taken[2]
                    #expect(words.form["Body"] == "accepted" && words.form["ContentVariables"] == nil)
                    try await sending.report("undelivered", sid: words.sid, of: words.replyID, errorCode: 63016)
                }
                let form = sending.twilio.taken.last?.form
                #expect(form?["ContentSid"] == Sending.evaluationSID && form?["Body"] == nil)
                #expect(form?["ContentVariables"] == #"{"1": "DR-\#(number)", "2": "Leeds to York", "3": "accepted"}"#)
            }
            #expect(sending.twilio.taken.count == 4)
            #expect(try await sending.events(ada) == [])
        }
    }

    // MARK: Reports in any order

    /// Each order of a course's reports, each of them up to twice, ends at its furthest station.
    @Test func reportsCommute() async throws {
        let courses = [
            (["queued", "sending", "sent", "delivered", "read"], "read"), (["sent", "delivered"], "delivered"),
            (["queued", "sent", "undelivered"], "undelivered"), (["sending", "failed"], "failed"),
            (["sent", "undelivered", "delivered", "read"], "read"),
        ]
        try await Sending.ground { sending in
            var random = SplitMix64(seed: 7)
            var number = 0
            for (course, furthest) in courses {
                let orders = course.permutations.shuffled(using: &random).prefix(30)
                for order in orders {
                    number += 1
                    let ada = try await sending.passenger(number)
                    let id = try await sending.replyIDs(ada)[0]
                    var reports = order
                    for status in course where Bool.random(using: &random) {
                        reports.insert(status, at: Int.random(in: 0...reports.count, using: &random))
                    }
                    for status in reports {
                        try await sending.report(status, sid: "SMp\(number)", of: id)
                    }
                    let rows = try await sending.rows(ada)
                    #expect(rows == ["\(furthest)|0|"], "\(reports)")
                    let failures = try await sending.events(ada).count
                    let mayFail = course.contains("failed") || course.contains("undelivered")
                    #expect(mayFail ? failures <= 1 : failures == 0, "\(reports)")
                    if !course.contains("delivered"), mayFail { #expect(failures == 1, "\(reports)") }
                }
            }
            #expect(sending.metric("whatsapp_reply_duplicates_total") == nil)
        }
    }
}

extension Array {
    fileprivate var permutations: [[Element]] {
        if count <= 1 { return [self] }
        return indices.flatMap { index in
            var rest = self
            let first = rest.remove(at: index)
            return rest.permutations.map { [first] + $0 }
        }
    }
}
