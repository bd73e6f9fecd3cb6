import Backfill
import Common
import Testing

@Suite struct PlanTests {
    let now = Timestamp(seconds: 1_800_000_000)
    let limits = BackfillLimits()
    var watermark: Timestamp { now - .seconds(600) }
    var plan: BackfillPlan {
        BackfillPlan(watermark: watermark, now: now, addresses: [FakeProvider.ours], limits: limits)
    }

    func fate(_ message: ListedMessage, _ knowledge: BackfillPlan.Knowledge = .none) -> BackfillPlan.Fate {
        plan.fate(of: message, knowledge)
    }

    @Test func onlyWhatOthersSentToUsIsOurs() {
        #expect(fate(message(1, now: now)) == .missing)
        #expect(fate(message(1, isInbound: false, now: now)) == .foreign)
        #expect(fate(message(1, to: "whatsapp:+14155238887", now: now)) == .foreign)
        #expect(fate(message(1, to: "+14155238886", now: now)) == .foreign)
    }

    /// From two minutes before the watermark to half a minute before now.
    @Test func theWindowOverlapsAndLeavesTimeToTheWebhook() {
        #expect(fate(message(1, age: 720, now: now)) == .past)
        #expect(fate(message(1, age: 719, now: now)) == .missing)
        #expect(fate(message(1, age: 30, now: now)) == .missing)
        #expect(fate(message(1, age: 29, now: now)) == .young)
    }

    /// Of what is older than it is kept for nobody knows any more whether it was handled.
    @Test func nothingIsLookedForThatIsTooOldToBeKnown() {
        var limits = limits
        limits.oldest = .seconds(86_400)
        func plan(_ watermark: Timestamp) -> BackfillPlan {
            BackfillPlan(watermark: watermark, now: now, addresses: [FakeProvider.ours], limits: limits)
        }
        let late = plan(now - .seconds(10 * 86_400))
        #expect(late.fate(of: message(1, age: 86_400, now: now)) == .past)
        #expect(late.fate(of: message(1, age: 86_399, now: now)) == .missing)
        #expect(plan(watermark) == self.plan, "a watermark of today is as it was")
    }

    /// What the provider kept to itself for an hour is new when it tells of it.
    @Test func aMessageCountsFromWhenItsWebhookWasMade() {
        var late = message(1, age: 3600, now: now)
        late.sent = now - .seconds(100)
        #expect(fate(late) == .missing)
        late.sent = now - .seconds(10)
        #expect(fate(late) == .young)
    }

    @Test func whatIsKnownIsNotPushed() {
        for knowledge in [BackfillPlan.Knowledge.stored, .dead, .refused] {
            #expect(fate(message(1, now: now), knowledge) == .settled)
        }
        for knowledge in [BackfillPlan.Knowledge.queued, .pushed] {
            #expect(fate(message(1, now: now), knowledge) == .waiting)
        }
        #expect(fate(message(1, age: 29, now: now), .stored) == .young)
    }

    @Test func theOldestIsFirstAndEachIsOnce() {
        // As listed, newest first: 3 and 2 share a second, 2 stands on two pages.
        let listed = [message(4, age: 40, now: now), message(3, age: 50, now: now), message(2, age: 50, now: now)]
        let again = [message(2, age: 50, now: now), message(1, age: 70, now: now)]
        #expect(BackfillPlan.order(listed + again).map(\.sid) == [sid(1), sid(2), sid(3), sid(4)])
    }

    @Test func theWatermarkIsTheNewestListed() {
        let newest = now - .seconds(45)
        #expect(plan.watermark(newest: newest, oldestOpen: nil, limits: limits) == newest)
        // A clock of the provider's that is ahead of ours moves nothing beyond what was looked at.
        #expect(plan.watermark(newest: now + .seconds(9), oldestOpen: nil, limits: limits) == now - .seconds(30))
    }

    @Test func theWatermarkStaysBehindWhatIsNotDoneWith() {
        let (newest, open) = (now - .seconds(45), now - .seconds(400))
        #expect(plan.watermark(newest: newest, oldestOpen: open, limits: limits) == open - .seconds(1))
        // For three days; then reading it again mends nothing.
        let stuck = now - .seconds(3 * 86_400 + 31)
        #expect(plan.watermark(newest: newest, oldestOpen: stuck, limits: limits) == newest)
    }

    @Test func quietTimesAreNotReadAgainForEver() {
        var old = plan
        old.since = now - .seconds(86_400)
        #expect(old.watermark(newest: nil, oldestOpen: nil, limits: limits) == now - .seconds(3630))
        #expect(plan.watermark(newest: nil, oldestOpen: nil, limits: limits) == plan.since)
    }

    @Test func daysAreThoseOfGMT() throws {
        let midnight = Timestamp(seconds: 1_800_000_000 / 86_400 * 86_400)
        #expect(Day(midnight).text == "2027-01-15")
        #expect(Day(midnight - .seconds(1)).text == "2027-01-14")
        #expect(Day.all(from: midnight - .seconds(1), to: midnight).map(\.text) == ["2027-01-14", "2027-01-15"])
        #expect(Day.all(from: midnight, to: midnight - .seconds(1)) == [])
        #expect(Day(Timestamp(seconds: -1)).text == "1969-12-31")
    }
}
