import Common
import Testing

@testable import Worker

@Suite struct EvidenceScheduleTests {
    let schedule = EvidenceSchedule(window: .seconds(150))

    @Test(arguments: [
        (0, EvidenceSchedule.Step.wait(.seconds(20))), (19, .wait(.seconds(1))), (20, .look(thenWait: .seconds(40))),
        (59, .look(thenWait: .seconds(1))), (60, .look(thenWait: .seconds(60))), (120, .look(thenWait: .seconds(30))),
        (149, .look(thenWait: .seconds(1))), (150, .look(thenWait: nil)), (100_000, .look(thenWait: nil)),
    ])
    func theListIsAskedAt20And60And120And150Seconds(elapsed: Int, step: EvidenceSchedule.Step) {
        let attempted = Timestamp(seconds: 1_800_000_000)
        #expect(schedule.step(attemptedAt: attempted, now: attempted + .seconds(elapsed)) == step)
    }
}

@Suite struct SendOutcomeTests {
    typealias Outcome = TwilioClient.SendOutcome

    func outcome(_ status: Int, _ body: String = "", retryAfter: String? = nil) -> Outcome {
        Outcome(status: status, body: Array(body.utf8), retryAfter: retryAfter)
    }

    @Test func onlyWhatTwilioSaysItHasIsAccepted() {
        #expect(outcome(201, #"{"sid":"SM1","status":"queued"}"#) == .accepted(sid: "SM1"))
        #expect(outcome(201, "half a bo") == .unknown)
    }

    @Test func rateLimitingIsSafeToRepeatAndSaysWhen() {
        #expect(outcome(429, #"{"code":20429}"#, retryAfter: "7") == .notSent(retryAfter: .seconds(7)))
        #expect(outcome(429) == .notSent(retryAfter: nil))
        #expect(outcome(429, retryAfter: "99999999") == .notSent(retryAfter: .seconds(600)))
        #expect(outcome(429, retryAfter: "tomorrow") == .notSent(retryAfter: nil))
    }

    @Test func refusalsAreFinalAndServerErrorsAreUnknown() {
        #expect(outcome(400, #"{"code":21211,"message":"…","status":400}"#) == .rejected(code: 21211))
        #expect(outcome(404, "<html>") == .rejected(code: 0))
        for status in [500, 502, 503, 504, 301] { #expect(outcome(status) == .unknown) }
    }
}

@Suite struct DeliveryReportTests {
    func report(_ body: String) -> DeliveryReport? {
        FormParameters(parsing: Array(body.utf8)).flatMap(DeliveryReport.init)
    }

    @Test func callbacksAreRead() {
        #expect(report("MessageSid=SM1&MessageStatus=delivered") == .init(sid: "SM1", status: .delivered))
        #expect(
            report("MessageSid=SM1&MessageStatus=undelivered&ErrorCode=63016")
                == .init(sid: "SM1", status: .undelivered, errorCode: 63016))
        #expect(report("MessageSid=SM1&MessageStatus=queued")?.status == .sent)
        #expect(report("MessageSid=SM1&MessageStatus=new-in-2030") == nil)
        #expect(report("MessageStatus=sent") == nil)
    }

    /// A state that a report replaces never comes after it: whatever the order, the furthest station stays.
    @Test func noReportTakesAReplyBack() {
        for status in DeliveryReport.Status.allCases {
            #expect(!status.replaced.contains(status.rawValue))
            #expect(!status.replaced.contains("read"))
        }
        #expect(!DeliveryReport.Status.sent.replaced.contains("delivered"))
        #expect(!DeliveryReport.Status.delivered.replaced.contains("failed"))
    }
}
