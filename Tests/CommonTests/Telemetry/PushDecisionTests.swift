import Common
import Testing

/// The decisions of pushing, as values: what fits, what goes together, what comes after an attempt, what is told.
@Suite struct PushDecisionTests {
    private let limits = PushLimits(count: 4, bytes: 10, batchCount: 2, batchBytes: 6)

    @Test func aQueueRefusesWhatPassesALimit() {
        var queue = PushQueue<Int>(limits)
        // Four and six bytes, then one too many, then nothing twice, then an entry too many.
        let accepted = [4, 6, 1, 0, 0, 0].map { queue.add($0, bytes: $0, units: 1) }
        #expect(accepted == [true, true, false, true, true, false])
        #expect(queue.count == 4 && queue.bytes == 10)
        let batch = queue.takeBatch()
        #expect(batch?.items == [4])
        let isInAgain = queue.add(4, bytes: 4, units: 1)
        #expect(isInAgain, "there is room again")
    }

    /// All sequences of four entries of 0 to 7 bytes: nothing is lost or reordered, no batch passes a limit.
    @Test func batchesKeepOrderAndLimits() {
        for code in 0..<(8 * 8 * 8 * 8) {
            var queue = PushQueue<Int>(limits)
            let sizes = [code % 8, code / 8 % 8, code / 64 % 8, code / 512]
            let accepted = sizes.indices.filter { queue.add($0, bytes: sizes[$0], units: $0 + 1) }
            #expect(queue.hasFullBatch == (accepted.count >= 2 || queue.bytes >= 6))
            var out: [Int] = []
            while let batch = queue.takeBatch() {
                let bytes = batch.items.reduce(0) { $0 + sizes[$1] }
                #expect(batch.items.count == 1 || batch.items.count == 2 && bytes <= 6, "\(sizes)")
                #expect(batch.units == batch.items.reduce(0) { $0 + $1 + 1 })
                out += batch.items
            }
            #expect(out == accepted && queue.isEmpty && queue.bytes == 0)
        }
    }

    @Test func whatIsRemovedIsCountedInUnits() {
        var queue = PushQueue<Int>(limits)
        for units in [3, 5] { _ = queue.add(0, bytes: 1, units: units) }
        let removed = queue.removeAll()
        #expect(removed == 8)
        #expect(queue.isEmpty && queue.bytes == 0)
    }

    @Test(arguments: 100..<600) func everyStatusHasAnOutcome(status: Int) {
        let outcome = PushOutcome(status: status, retryAfter: nil)
        switch status {
        case 200..<300: #expect(outcome == .accepted)
        case 429, 500...: #expect(outcome == .busy(status: status, retryAfter: nil))
        case _: #expect(outcome == .refused(status: status))
        }
    }

    @Test func retryAfterIsReadAndBounded() {
        func step(_ text: String) -> PushCourse.Step {
            var (course, random) = (PushCourse(), SystemRandomNumberGenerator())
            return course.step(after: PushOutcome(status: 429, retryAfter: text), using: &random)
        }
        #expect(step("7") == .again(after: .seconds(7)))
        #expect(step("86400") == .again(after: PushCourse.longestPause))
    }

    private static let busy: [PushOutcome] = [
        .busy(status: 429, retryAfter: nil), .busy(status: 500, retryAfter: nil), .busy(status: 503, retryAfter: nil),
        .unanswered(.timedOut), .unanswered(.couldNotConnect), .unanswered(.connectionLost),
        .unanswered(.nameNotResolved), .unanswered(.tlsFailed), .unanswered(.responseTooLarge),
        .unanswered(.overloaded), .unanswered(.sendFailed),
    ]

    @Test(arguments: busy) func aBatchIsTriedTenTimesWithGrowingPauses(outcome: PushOutcome) {
        var (course, random) = (PushCourse(), SystemRandomNumberGenerator())
        var ceiling = Duration.milliseconds(500)
        for _ in 1..<PushCourse.attempts {
            guard case .again(let pause) = course.step(after: outcome, using: &random) else {
                Issue.record("given up too early")
                return
            }
            #expect(pause <= ceiling)
            ceiling = min(.seconds(30), ceiling * 2)
        }
        guard case .giveUp = course.step(after: outcome, using: &random) else {
            Issue.record("not given up")
            return
        }
        #expect(course.failures == PushCourse.attempts, "the next batch waits as long: it is the same server")
        let sent = course.step(after: .accepted, using: &random)
        #expect(sent == .sent)
        #expect(course.failures == 0)
    }

    @Test(arguments: busy) func theLastFlushTriesThreeTimes(outcome: PushOutcome) {
        var (course, random) = (PushCourse(), SystemRandomNumberGenerator())
        for attempt in 1...PushCourse.lastAttempts {
            let step = course.step(after: outcome, isLast: true, using: &random)
            if case .giveUp = step { #expect(attempt == 3) } else { #expect(attempt < 3) }
        }
    }

    @Test(arguments: [
        PushOutcome.refused(status: 400), .refused(status: 401), .refused(status: 301), .unanswered(.invalidRequest),
        .unanswered(.addressRefused),
    ])
    func whatIsRefusedIsNotTriedAgain(outcome: PushOutcome) {
        var (course, random) = (PushCourse(), SystemRandomNumberGenerator())
        let step = course.step(after: outcome, using: &random)
        #expect(step == .giveUp(pause: .zero))
    }

    /// Every wait in every situation.
    @Test func whatEndsAWait() {
        for wait in PushWait.allCases {
            for code in 0..<8 {
                let situation = PushWait.Situation(
                    isEmpty: code & 1 != 0, hasFullBatch: code & 2 != 0, isFinishing: code & 4 != 0)
                let expected =
                    switch wait {
                    case .anything: code & 1 == 0 || code & 4 != 0
                    case .company: code & 6 != 0
                    case .recovery: false
                    }
                #expect(wait.isOver(situation) == expected, "\(wait) \(situation)")
            }
        }
    }

    @Test func failuresAreToldOnceAMinute() {
        var notices = PushNotices()
        let start = ContinuousClock.now
        func at(_ seconds: Int, _ succeeded: Bool) -> PushNotices.Notice? {
            notices.notice(succeeded: succeeded, at: start + .seconds(seconds))
        }
        #expect(at(0, true) == nil)
        #expect(at(1, false) == .failing(untold: 0))
        #expect(at(2, false) == nil)
        #expect(at(60, false) == nil)
        #expect(at(61, false) == .failing(untold: 2))
        #expect(at(62, true) == .recovered)
        #expect(at(63, true) == nil)
        #expect(at(64, false) == nil, "within the minute, recovered or not")
        #expect(at(65, true) == nil, "what was not told failing is not told recovered")
        #expect(at(121, false) == .failing(untold: 1))
    }
}
