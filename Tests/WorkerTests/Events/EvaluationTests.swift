import Common
import Conversation
import Testing

@testable import Worker

/// What an evaluation leads to, without a server.
@Suite struct EvaluationTests {
    static let journey = "0190f3c2-0000-7000-8000-000000000001"
    static let user = "0190f3c2-0000-7000-8000-000000000002"
    let now = Timestamp.now
    let decisions = EvaluationDecision(template: .evaluation(contentSID: "HX1"))

    func event(_ fields: String, timestamp: String? = nil, isNested: Bool = true) -> EventHandler.Event? {
        let all = #""journey_id":"\#(Self.journey)","user_id":"\#(Self.user)"\#(fields)"#
        let stamp = timestamp.map { #","timestamp":"\#($0)""# } ?? ""
        let body =
            isNested
            ? #"{"type":"evaluation.completed"\#(stamp),"data":{\#(all)}}"#
            : #"{"type":"evaluation.completed",\#(all)\#(stamp)}"#
        return try? EventHandler.Event(
            Envelope(
                messageSID: "event:e1", sender: "whatsapp:+447700900123", receivedAt: now,
                correlationID: CorrelationID(),
                kind: .event, body: Array(body.utf8)))
    }

    func evaluation(
        eligible: Bool = true, pence: Int? = 625, madeAt: Timestamp? = nil, reason: String? = nil
    ) throws -> EvaluationCompleted {
        let event = event(
            #","eligible":\#(eligible),"compensation_pence":\#(pence.map { "\($0)" } ?? "null")"#
                + #","delay_minutes":42"# + (reason.map { #","reason":"\#($0)""# } ?? ""),
            timestamp: madeAt?.rfc3339)
        guard case .evaluationCompleted(let evaluation)? = event else { throw EventHandler.Unreadable() }
        return evaluation
    }

    func person(
        _ progress: Conversation.Claiming.Progress = .submitted, pence: Int? = nil, evaluatedAt: Timestamp? = nil,
        heard: Duration? = .seconds(60), optedOut: Bool = false, notifications: Bool = true
    ) throws -> Person {
        let journey = try #require(UUID(Self.journey))
        let date = try #require(CivilDate(year: 2026, month: 11, day: 21))
        return Person(
            id: try #require(UUID(Self.user)), isNew: false, displayName: " Ada  Lovelace\n",
            optedOutAt: optedOut ? now : nil, challenges: [], lastInboundAt: heard.map { now - $0 },
            preferences: .init(notificationsEnabled: notifications, language: .english, timeZone: .london),
            claims: [
                StoredClaim(
                    id: journey,
                    status: .init(
                        reference: "DR-7K3M9Q", origin: "LDS", destination: "YRK", date: date, progress: progress,
                        compensation: pence), evaluatedAt: evaluatedAt, createdAt: now)
            ])
    }

    var envelope: Envelope {
        Envelope(
            messageSID: "event:1", sender: "whatsapp:+447700900123", receivedAt: now, correlationID: CorrelationID(),
            kind: .event, body: [0x7B])
    }

    func decide(
        _ evaluation: EvaluationCompleted, _ person: Person, _ decisions: EvaluationDecision? = nil
    ) -> (decision: Decision, remark: EvaluationDecision.Remark?) {
        (decisions ?? self.decisions).decide(evaluation, envelope, person, .menu(), now: now)
    }

    @Test func eventsAreReadWithWhatTheyNeed() throws {
        let whole = #","eligible":true,"compensation_pence":625,"delay_minutes":42,"reason":"r","more":{"x":[1.5]}"#
        guard case .evaluationCompleted(let read)? = event(whole, timestamp: "2026-11-22T10:00:00.5Z") else {
            Issue.record("it cannot be read")
            return
        }
        #expect(read.isEligible && read.compensationPence == 625 && read.delayMinutes == 42 && read.reason == "r")
        #expect(read.madeAt?.rfc3339 == "2026-11-22T10:00:00.500Z")
        #expect(event(whole, isNested: false) == event(whole))
        #expect(event(#","eligible":false"#) != nil)
        let refused = event(#","eligible":false,"compensation_pence":625"#)
        if case .evaluationCompleted(let read)? = refused { #expect(read.compensationPence == nil) }
        for fields in [
            "", #","eligible":"true""#, #","eligible":1"#, #","eligible":true,"compensation_pence":-1"#,
            #","eligible":true,"compensation_pence":"625""#, #","eligible":true,"compensation_pence":6.25"#,
            #","eligible":true,"delay_minutes":-5"#, #","eligible":true,"reason":5"#,
            #","eligible":true,"eligible":false"#,
        ] {
            #expect(event(fields) == nil, "\(fields)")
        }
    }

    @Test func aPassengerWhoWroteTodayIsToldInWords() throws {
        let (decision, remark) = decide(try evaluation(reason: "delay_repay_15\\n*now*"), try person())
        #expect(remark == nil && decision.statements.count == 1 && decision.state == StoredState(.menu()))
        #expect(decision.counted == [.claim(.eligible)])
        #expect(decision.replies.count == 1 && decision.replies[0].contentSID == nil)
        let text = decision.replies[0].body
        #expect(text.contains("DR-7K3M9Q (Leeds to York, Sat 21 Nov 2026) is accepted. The compensation is £6.25."))
        #expect(text.contains("42 minutes late. Reason: delay repay 15 now.\n"))
        #expect(
            decision.replies[0].contentVariables
                == #"{"1":"DR-7K3M9Q","2":"Leeds to York, Sat 21 Nov 2026","3":"accepted, £6.25"}"#,
            "for the template that goes in their place if they come too late")
        let no = decide(try evaluation(eligible: false, pence: nil), try person()).decision
        #expect(no.replies[0].body.contains("is not covered") && !no.replies[0].body.contains("£"))
    }

    @Test func afterADayATemplateGoesInItsPlace() throws {
        for heard in [Duration.seconds(86_400), .seconds(90_000), nil] {
            let decision = decide(try evaluation(), try person(heard: heard)).decision
            #expect(decision.replies.map(\.contentSID) == ["HX1"] && decision.replies[0].body.isEmpty)
            #expect(
                decision.replies[0].contentVariables
                    == #"{"1":"DR-7K3M9Q","2":"Leeds to York, Sat 21 Nov 2026","3":"accepted, £6.25"}"#)
        }
        let old = try person(heard: .seconds(90_000))
        let general = decide(try evaluation(), old, EvaluationDecision(template: .reply(contentSID: "HX2"))).decision
        #expect(general.replies.map(\.contentVariables) == [#"{"1":"Ada Lovelace"}"#])
        let none = decide(try evaluation(), old, EvaluationDecision(template: nil))
        #expect(none.remark == .noTemplate && none.decision.replies.isEmpty && none.decision.statements.count == 1)
        #expect(decide(try evaluation(), try person(heard: .seconds(86_000))).decision.replies[0].contentSID == nil)
    }

    @Test func whoWantsToHearNothingHearsNothing() throws {
        for person in [try person(optedOut: true), try person(notifications: false)] {
            for heard in [Duration.seconds(60), .seconds(90_000)] {
                var person = person
                person.lastInboundAt = now - heard
                let (decision, remark) = decide(try evaluation(), person)
                #expect(decision.replies.isEmpty && decision.statements.count == 1 && remark == nil)
            }
        }
    }

    @Test func aClaimGoesForwardOnly() throws {
        func remark(
            _ evaluation: EvaluationCompleted, _ progress: Conversation.Claiming.Progress, pence: Int? = nil,
            evaluatedAt: Timestamp? = nil
        ) throws -> EvaluationDecision.Remark? {
            let outcome = decide(evaluation, try person(progress, pence: pence, evaluatedAt: evaluatedAt))
            #expect(outcome.decision.statements.isEmpty == (outcome.remark != nil))
            #expect(outcome.decision.replies.isEmpty == (outcome.remark != nil))
            return outcome.remark
        }
        let (early, late) = (now - .seconds(600), now - .seconds(60))
        #expect(try remark(try evaluation(), .submitted) == nil)
        #expect(try remark(try evaluation(), .evaluating) == nil)
        for closed in [Conversation.Claiming.Progress.paid, .rejected, .withdrawn] {
            #expect(try remark(try evaluation(), closed) == .closed)
        }
        // The same again, under another id.
        #expect(try remark(try evaluation(madeAt: late), .eligible, pence: 625, evaluatedAt: early) == .older)
        // Another outcome: the later one counts, in whatever order they come.
        let no = try evaluation(eligible: false, pence: nil, madeAt: late)
        #expect(try remark(no, .eligible, pence: 625, evaluatedAt: early) == nil)
        let before = try evaluation(eligible: false, pence: nil, madeAt: early)
        #expect(try remark(before, .eligible, pence: 625, evaluatedAt: late) == .older)
        #expect(try remark(try evaluation(pence: 700, madeAt: late), .eligible, pence: 625, evaluatedAt: early) == nil)
    }

    @Test func anotherUsersJourneyIsUnknown() throws {
        var person = try person()
        person.claims = []
        let (decision, remark) = decide(try evaluation(), person)
        #expect(remark == .unknownJourney && decision.replies.isEmpty && decision.statements.isEmpty)
        #expect(decision.raw == [0x7B], "it is recorded all the same")
    }

    @Test func theNameOfAnEventIsItsOwnWhicheverQueueItComesFrom() throws {
        var event = envelope
        event.messageSID = "turn:turn:event:turn:1"
        #expect(EventRouter.original(event).messageSID == "event:turn:1")
        event.sender = "user:" + Self.user
        #expect(EventRouter.user(of: event) == UUID(Self.user))
        #expect(EventRouter.user(of: envelope) == nil)
    }
}
