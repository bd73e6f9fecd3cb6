import Testing

@testable import Worker

@Suite struct BreakerTests {
    let start = ContinuousClock.now

    /// A breaker that has just opened, at `start`.
    func opened() -> Breaker {
        var breaker = Breaker()
        for _ in 0..<Breaker.failuresToOpen { breaker.record(.failed, of: .create, start) }
        return breaker
    }

    @Test func itOpensAfterFiveFailuresInARow() {
        var breaker = Breaker()
        for _ in 0..<4 { breaker.record(.failed, of: .create, start) }
        #expect(breaker.state(start) == .closed)
        breaker.record(.answered, of: .create, start)
        for _ in 0..<4 { breaker.record(.failed, of: .create, start) }
        #expect(breaker.state(start) == .closed, "an answer begins the count again")
        // A list that can be read says nothing about sending.
        breaker.record(.answered, of: .lookup, start)
        breaker.record(.failed, of: .lookup, start)
        #expect(breaker.state(start) == .open)
    }

    @Test func closedItLetsEverythingThrough() {
        var breaker = Breaker()
        #expect(breaker.admission(of: 7, start) == 7)
        #expect(breaker.wait(for: .create, start) == nil && breaker.wait(for: .lookup, start) == nil)
        #expect(breaker.waitBeforeAsking(start) == nil)
    }

    @Test func openItLetsNothingThrough() {
        var breaker = opened()
        let later = start + .milliseconds(500)
        #expect(breaker.admission(of: 7, later) == 0)
        #expect(breaker.wait(for: .create, later) == .milliseconds(1500))
        #expect(breaker.wait(for: .lookup, later) == .milliseconds(1500))
        #expect(breaker.waitBeforeAsking(later) == .milliseconds(1500))
        // What was under way when it opened changes nothing.
        breaker.record(.failed, of: .create, later)
        #expect(breaker.state(start + .seconds(2)) == .halfOpen)
    }

    @Test func halfOpenItLetsOneAttemptThrough() {
        var breaker = opened()
        let later = start + .seconds(2)
        #expect(breaker.admission(of: 7, later) == 1)
        #expect(breaker.admission(of: 7, later) == 0, "one after the other")
        #expect(breaker.admission(of: 7, later + Breaker.admissionInterval) == 1, "the first had nothing to send")
        #expect(breaker.waitBeforeAsking(later) == nil && breaker.waitBeforeAsking(later) == nil)
        #expect(breaker.wait(for: .create, later) == nil)
        #expect(breaker.wait(for: .create, later) == .seconds(1))
        #expect(breaker.waitBeforeAsking(later) == .seconds(1))
        #expect(breaker.admission(of: 7, later + .seconds(1)) == 0)
        #expect(breaker.wait(for: .lookup, later) == nil, "evidence can always be looked for")
        breaker.record(.answered, of: .lookup, later)
        #expect(breaker.state(later) == .halfOpen)
        breaker.record(.answered, of: .create, later)
        #expect(breaker == Breaker())
    }

    @Test func anAttemptThatIsNotMadeFreesItsPlace() {
        var breaker = opened()
        let later = start + .seconds(2)
        #expect(breaker.wait(for: .create, later) == nil)
        breaker.withdraw()
        #expect(breaker.wait(for: .create, later) == nil)
        // And so does one that is never heard of again.
        #expect(breaker.wait(for: .create, later + .seconds(19)) == .seconds(1))
        #expect(breaker.wait(for: .create, later + .seconds(20)) == nil)
    }

    @Test func itOpensForLongerEachTime() {
        var breaker = opened()
        var now = start
        for pause in [2, 4, 8, 16, 30, 30] {
            #expect(breaker.state(now + .seconds(pause) - .milliseconds(1)) == .open)
            now = now + .seconds(pause)
            #expect(breaker.state(now) == .halfOpen, "after \(pause) s")
            #expect(breaker.wait(for: .create, now) == nil)
            breaker.record(.failed, of: .create, now)
        }
        breaker.record(.answered, of: .create, now)
        for _ in 0..<5 { breaker.record(.failed, of: .create, now) }
        #expect(breaker.state(now + .seconds(2)) == .halfOpen, "it begins with 2 s again")
    }

    @Test func aRefusedAccountOpensItAtOnce() {
        var breaker = Breaker()
        breaker.record(.refused, of: .create, start)
        #expect(breaker.state(start + .seconds(29)) == .open)
        #expect(breaker.state(start + .seconds(30)) == .halfOpen)
    }
}
