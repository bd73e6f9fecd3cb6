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
            for other in DeliveryReport.Status.allCases where status.replaced.contains(other.rawValue) {
                #expect(!other.replaced.contains(status.rawValue), "\(status) and \(other)")
            }
        }
        #expect(!DeliveryReport.Status.sent.replaced.contains("delivered"))
        #expect(!DeliveryReport.Status.failed.replaced.contains("delivered"), "what has arrived has arrived")
    }
}
