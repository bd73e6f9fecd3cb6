import Common
import Testing

@testable import Operator

/// What the doctor makes of clocks, the queue, the messages and the relay.
@Suite struct FlowVerdictTests {
    @Test func clocks() {
        func reading(_ name: String, _ ahead: Duration, _ uncertainty: Duration = .zero) -> ClockCheck.Reading {
            .init(name: name, ahead: ahead, uncertainty: uncertainty)
        }
        expect(
            ClockCheck(readings: [reading("Postgres", .milliseconds(900)), reading("Redis", .milliseconds(-50))]), .ok)
        expect(ClockCheck(readings: [reading("Postgres", .seconds(2), .seconds(2))]), .ok)
        expect(ClockCheck(readings: [reading("Redis", .seconds(-2))]), .warning, says: "Redis and this machine", "NTP")
        expect(
            ClockCheck(readings: [reading("Postgres", .milliseconds(600)), reading("Redis", .milliseconds(-600))]),
            .warning, says: "Postgres and Redis")
        expect(ClockCheck(readings: [reading("Postgres", .seconds(60))]), .problem, says: "1 min")
    }

    @Test func queue() {
        func depth(_ waiting: Int, _ oldest: Int?, fullest: Int = 0, paused: Bool = false) -> QueueDepthCheck {
            QueueDepthCheck(
                waiting: waiting, fullest: fullest, oldest: oldest.map { .seconds($0) }, isPaused: paused,
                limit: 200_000)
        }
        expect(depth(0, nil), .ok, says: "nothing")
        expect(depth(5, 60), .ok)
        expect(depth(5, 61), .warning, says: "queue stats --watch")
        expect(depth(5, 301), .problem, says: "5 min 1 s")
        expect(depth(5, 301, paused: true), .ok)
        expect(depth(100_000, 1, fullest: 100_000), .warning, says: "200000 at most")
        expect(depth(180_000, 1, fullest: 180_000), .problem, says: "503")
        expect(QueuePauseCheck(paused: [], shards: 4), .ok)
        expect(QueuePauseCheck(paused: [1], shards: 4), .warning, says: "1 of 4", "operator queue resume")
        expect(QueuePauseCheck(paused: [0], shards: 1), .warning, says: "the queue is")
        expect(DeadLettersCheck(count: 0), .ok)
        expect(DeadLettersCheck(count: 3), .warning, says: "3 messages", "operator dead list")
    }

    @Test func workers() {
        func check(
            waiting: Int = 0, leased: Int = 0, moving: Bool = false, idle: Int? = nil, paused: Bool = false
        ) -> WorkersCheck {
            WorkersCheck(waiting: waiting, leased: leased, isMoving: moving, idle: idle, isPaused: paused)
        }
        expect(check(waiting: 9, leased: 1, moving: true), .ok, says: "at work")
        expect(check(idle: 2), .ok, says: "2 wait")
        expect(check(waiting: 9, idle: 2, paused: true), .ok)
        expect(check(waiting: 9, leased: 2, idle: 0), .warning, says: "neither finish anything")
        expect(check(waiting: 9, idle: 0), .problem, says: "9 messages wait", "start workers")
        // Somebody waits for messages and leaves these alone: perhaps in other shards.
        expect(check(waiting: 9, idle: 1), .problem, says: "queue repair")
        expect(check(waiting: 9, idle: 0, paused: true), .ok)
        expect(check(idle: 0), .warning, says: "start one")
        expect(check(), .ok, says: "does not say")
    }

    @Test func messages() {
        expect(UnprocessedCheck(count: 0, oldest: nil), .ok)
        expect(UnprocessedCheck(count: 2, oldest: .seconds(90)), .warning, says: "1 min 30 s", "operator replay")
        func replies(_ made: Int, _ failed: Int, unknown: Int = 0, code: String? = nil) -> RepliesCheck {
            RepliesCheck(made: made, failed: failed, unknown: unknown, commonError: code)
        }
        expect(replies(0, 0), .ok)
        expect(replies(100, 9), .ok)
        expect(replies(100, 10, code: "63016"), .warning, says: "63016", "TWILIO_TEMPLATE_REPLY")
        expect(replies(2, 1), .problem)
        expect(replies(100, 0, unknown: 11), .warning, says: "nobody knows")
    }

    @Test func relays() {
        func check(_ sinks: [SinkFacts], wanted: [String] = ["redis"]) -> RelaysCheck {
            RelaysCheck(sinks: sinks, wanted: wanted, lagLimit: .seconds(60))
        }
        var sink = SinkFacts(name: "redis")
        expect(check([sink]), .ok)
        expect(check([], wanted: ["redis", "webhook"]), .warning, .warning, says: "RELAY_SINKS=redis,webhook")
        sink.lag = .seconds(61)
        expect(check([sink]), .problem, says: "1 min 1 s behind", "operator outbox stats")
        sink.relays = 0
        expect(check([sink]), .warning, says: "no relay serves")
        sink.pending = 4
        expect(check([sink]), .problem, says: "4 events wait", "start a relay")
        sink.disabled = "410"
        expect(check([sink]), .ok)
        expect(check([SinkFacts(name: "redis", unowned: 3)]), .warning, says: "3 shards")
        expect(check([SinkFacts(name: "old", isWanted: false, relays: 0)], wanted: []), .ok)
    }

    @Test func sinks() {
        expect(ParkedCheck(sinks: [SinkFacts(name: "redis")]), .ok)
        expect(ParkedCheck(sinks: [SinkFacts(name: "webhook", parked: 2, dead: 1)]), .warning, says: "--state dead")
        expect(ParkedCheck(sinks: [SinkFacts(name: "webhook", parked: 2)]), .warning, says: "--state parked")
        expect(SinksCheck(sinks: [SinkFacts(name: "redis")]), .ok)
        expect(
            SinksCheck(sinks: [SinkFacts(name: "webhook", disabled: "410")]), .problem, says: "enable --sink webhook")
        expect(SinksCheck(sinks: [SinkFacts(name: "old", isWanted: false)]), .warning, says: "forget --sink old")
        expect(HistoryCheck(ahead: 0), .ok)
        expect(HistoryCheck(ahead: 2), .problem, says: "accept-restore --dry-run")
        expect(PartitionsCheck(hasTomorrow: true, held: []), .ok)
        expect(PartitionsCheck(hasTomorrow: false, held: ["x"]), .warning, .warning, says: "start a relay", "held")
    }
}
