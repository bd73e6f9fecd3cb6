import Common
import Testing

@testable import Relay

@Suite struct DecisionTests {
    @Test(
        arguments: [
            (5, 5, MarkComparison.inStep), (0, 0, .inStep), (5, 6, .ahead(mark: 6)), (0, 9, .ahead(mark: 9)),
            (5, 4, .lostData(mark: 4)), (5, 0, .lostData(mark: 0)),
        ] as [(Int64, Int64, MarkComparison)])
    func aMarkIsComparedWithTheCursor(cursor: Int64, mark: Int64, verdict: MarkComparison) {
        #expect(MarkComparison(cursor: cursor, mark: mark) == verdict)
    }

    @Test func pollingSlowsDownWhileHintsDeliver() {
        var schedule = PollSchedule()
        var pauses: [Int64] = []
        for _ in 0..<8 {
            pauses.append(schedule.pause.wholeMilliseconds)
            schedule.looked(foundUnannounced: false)
        }
        #expect(pauses == [20, 40, 80, 160, 320, 640, 1000, 1000])
        schedule.looked(foundUnannounced: true)
        #expect(schedule.pause == .milliseconds(20))
    }

    @Test func pausesGrowWithFailuresAndEndWithASuccess() {
        var pause = FailurePause(Backoff(base: .milliseconds(500), cap: .seconds(30)))
        let now = ContinuousClock.now
        #expect(pause.isOver(at: now))
        for failure in 0..<20 {
            let length = pause.failed(at: now)
            #expect(length <= min(.milliseconds(500) * (1 << min(failure, 10)), .seconds(30)))
            #expect(pause.isOver(at: now + length))
            #expect(length == .zero || !pause.isOver(at: now + length - .microseconds(1)))
        }
        #expect(pause.state(at: now) == .open && pause.state(at: now + .seconds(30)) == .halfOpen)
        let (first, second) = (pause.succeeded(), pause.succeeded())
        #expect(pause.state(at: now) == .closed)
        #expect(first && !second)
        #expect(pause.isOver(at: now))
        // What a server asks for is granted, within reason.
        #expect(pause.failed(at: now, wanted: .seconds(60)) == .seconds(60))
        #expect(pause.failed(at: now, wanted: .seconds(86400)) == FailurePause.longestWanted)
    }

    /// Keys of one hash slot have the same tag.
    @Test(arguments: [
        ("whatsapp_handler.events", "{whatsapp_handler.events}:marks:"), ("{wa}:events", "{wa}:events:marks:"),
        ("a{b}{c}", "a{b}{c}:marks:"),
    ])
    func marksAreKeptInTheStreamsSlot(stream: String, prefix: String) {
        let log = UUID.random()
        #expect(OutboxStreamKeys(stream: stream)?.marks(of: log) == prefix + log.description)
    }

    @Test(arguments: ["", "a{}b", "a}b", "{a", "{}{a}"]) func bracesThatAreNoTagAreRefused(stream: String) {
        #expect(OutboxStreamKeys(stream: stream) == nil)
    }
}
