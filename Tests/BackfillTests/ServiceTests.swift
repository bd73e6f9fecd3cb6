import Common
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import Backfill

/// When rounds take place, and what each leaves behind.
@Suite struct ServiceTests {
    /// Runs services until `body` is done, then stops them as a process does.
    func running(_ services: [BackfillService], _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: services.map {
                    .init(
                        service: $0, successTerminationBehavior: .ignore,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, logger: quietLogger()))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            let stop = ContinuousClock.now
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            #expect(.now - stop < .seconds(2), "it stops at once")
            try result.get()
        }
    }

    @Test func theFirstStartEverReadsNothing() async throws {
        try await withGrounds { grounds in
            grounds.provider.add(message(1))
            try await running([grounds.service()]) {
                try await until("there is a watermark") { try await grounds.watermarkAge() >= 0 }
                try await until("the lease is given back") {
                    try await grounds.psql("SELECT owner IS NULL FROM whatsapp_handler.backfill_watermark") == "t"
                }
            }
            #expect(grounds.provider.targets.isEmpty)
        }
    }

    @Test func aStartReadsSinceTheWatermark() async throws {
        try await withGrounds { grounds in
            try await grounds.setWatermark(age: 100)
            grounds.provider.add(message(1, age: 300), message(2, age: 90), message(3, age: 40))
            try await grounds.store(3)
            try await running([grounds.service()]) {
                try await until("the missing one is pushed") { try await grounds.pushed().count == 1 }
                // It is in the queue and not done with: the watermark stays before it.
                try await until("the round is over") { try await grounds.watermarkAge() < 99 }
                let age = try await grounds.watermarkAge()
                #expect(age > 89)
            }
            let pushed = try await grounds.pushed()
            #expect(pushed.map(\.messageSID) == [sid(2).text])
        }
    }

    @Test func anotherRedisIsARoundAtOnce() async throws {
        try await withGrounds { grounds in
            try await grounds.setWatermark(age: 600)
            try await running([grounds.service()]) {
                try await until("the first round is over") { grounds.provider.targets.count > 0 }
                try await until("and the lease given back") {
                    try await grounds.psql("SELECT owner IS NULL FROM whatsapp_handler.backfill_watermark") == "t"
                }
                grounds.provider.add(message(1))
                try await grounds.redisServer.kill()
                try await grounds.redisServer.start()
                try await until("it is pushed") { try await grounds.pushed().count == 1 }
            }
        }
    }

    @Test func aRoundTakesPlaceNowAndThenByOneWorkerOnly() async throws {
        try await withGrounds { grounds in
            try await grounds.setWatermark(age: 600)
            let services = (1...3).map { grounds.service("worker \($0)", interval: .seconds(2)) }
            try await running(services) {
                try await until("all have started", within: .seconds(30)) { grounds.provider.targets.count >= 3 }
                let before = grounds.provider.targets.count
                let start = ContinuousClock.now
                try await until("two further rounds", within: .seconds(30)) {
                    grounds.provider.targets.count >= before + 2
                }
                // At 1.6 s after each other at least, whoever reads.
                #expect(.now - start > .milliseconds(1500))
            }
        }
    }

    @Test func aProviderInTroubleIsWaitedOut() async throws {
        try await withGrounds { grounds in
            try await grounds.setWatermark(age: 600)
            grounds.provider.add(message(1))
            grounds.provider.trouble(
                .status(500), .status(429), .hang, .status(503), .status(500), .status(401), .hang)
            try await running([grounds.service()]) {
                try await until("it is pushed in the end", within: .seconds(60)) {
                    try await grounds.pushed().count == 1
                }
            }
            // Nothing was done with it: nothing is passed.
            let age = try await grounds.watermarkAge()
            #expect(age > 59)
        }
    }

    @Test func aQueueThatIsBehindIsLeftAlone() async throws {
        var limits = BackfillLimits.quick
        limits.ingress = 2
        try await withGrounds(limits) { grounds in
            try await grounds.setWatermark(age: 600)
            grounds.provider.add(message(1))
            for _ in 1...3 {
                _ = try await grounds.redis.send(RedisCommand("RPUSH", .init(grounds.keys.ingress(0)), "x"))
            }
            let age = try await grounds.watermarkAge()
            let row = "SELECT ctid FROM whatsapp_handler.backfill_watermark WHERE owner IS NULL"
            let before = try await grounds.psql(row)
            try await running([grounds.service()]) {
                try await until("the lease was taken and given back") {
                    let now = try await grounds.psql(row)
                    return now != before && !now.isEmpty
                }
            }
            #expect(grounds.provider.targets.isEmpty)
            let after = try await grounds.watermarkAge()
            #expect(after >= age)
        }
    }

    @Test func aProviderThatHangsDoesNotHoldUpTheStop() async throws {
        var limits = BackfillLimits.quick
        limits.request = .seconds(20)
        try await withGrounds(limits) { grounds in
            try await grounds.setWatermark(age: 600)
            grounds.provider.trouble(.hang)
            try await running([grounds.service()]) {
                try await until("it is asked") { grounds.provider.targets.count == 1 }
            }
        }
    }

    @Test func whatIsDueNextFollowsFromWhatWas() {
        let limits = BackfillLimits()
        func next(_ outcome: BackfillService.Outcome, _ reason: BackfillService.Reason, failures: Int = 0)
            -> (reason: BackfillService.Reason, pause: Duration)
        {
            BackfillService.next(
                after: outcome, reason, failures: failures, interval: .seconds(300), limits: limits)
        }
        // What was too young after a loss is looked at as soon as it is old enough.
        for reason in [BackfillService.Reason.start, .redisChanged] {
            let (then, pause) = next(.done(young: 2), reason)
            #expect(then == .followUp && pause == .seconds(31))
            #expect(next(.notOurs, reason).reason == reason && next(.notOurs, reason).pause < .seconds(5))
            #expect(next(.postponed, reason).reason == reason)
        }
        for reason in [BackfillService.Reason.schedule, .followUp] {
            let (then, pause) = next(.done(young: 2), reason)
            #expect(then == .schedule && pause >= .seconds(270) && pause <= .seconds(330))
        }
        #expect(next(.notOurs, .schedule).pause >= .seconds(270))
        for failures in 1...50 {
            let (then, pause) = next(.failed, .redisChanged, failures: failures)
            #expect(then == .redisChanged && pause >= .seconds(1) && pause <= .seconds(300))
        }
    }
}
