import Common
import Glibc
import TestSupport

extension Scenario {
    static let everySecond = ["--appendonly", "yes", "--appendfsync", "everysec"]
    static let always = ["--appendonly", "yes", "--appendfsync", "always"]

    static let all = [
        workersKilled, workersPaused, redisKilledAlways, redisKilledEverySecond, redisLosesItsTail, redisFull,
        postgresKilled,
        backendsTerminated, providerFails, everythingRestarted, functionsReplaced,
    ]

    // MARK: Processes

    static let workersKilled = Scenario("a worker killed every 300 ms") { fleet, dice in
        let worker = dice.pick(fleet.workers)
        try await worker.process.stop(SIGKILL)
        try await worker.process.start()
        try await Task.sleep(for: .milliseconds(300))
        return nil
    }

    static let workersPaused = Scenario("a worker stopped past its lease") { fleet, dice in
        let worker = dice.pick(fleet.workers)
        await worker.process.send(SIGSTOP)
        try await Task.sleep(for: .seconds(Fleet.leaseSeconds) + .milliseconds(600))
        await worker.process.send(SIGCONT)
        return nil
    }

    static let everythingRestarted = Scenario("every process restarted in turn (SIGTERM)") { fleet, dice in
        for member in (fleet.workers + fleet.relays + fleet.ingests).shuffled(using: &dice) {
            try await member.process.stop(SIGTERM)
            try await member.process.start()
            try await fleet.ready(member)
        }
        return nil
    }

    // MARK: Redis

    static let redisKilledAlways = Scenario("Redis killed, appendfsync always", redis: always) { fleet, _ in
        try await killRedis(fleet)
        return nil
    }

    static let redisKilledEverySecond = Scenario("Redis killed, appendfsync everysec") { fleet, _ in
        try await killRedis(fleet)
        return nil
    }

    /// A host that is lost takes the end of the log with it.
    static let redisLosesItsTail = Scenario("Redis loses the end of its log") { fleet, dice in
        // Something has to wait in the queue to be lost.
        for worker in fleet.workers { await worker.process.send(SIGSTOP) }
        try await Task.sleep(for: .milliseconds(500))
        try await fleet.product.redis.kill()
        for worker in fleet.workers { await worker.process.send(SIGCONT) }
        let cut = Timestamp.now
        try AppendOnlyFile(of: fleet.product.redis).cut(Int.random(in: 2_000...40_000, using: &dice))
        try await fleet.product.redis.start()
        try await Task.sleep(for: .seconds(3))
        return cut
    }

    private static func killRedis(_ fleet: Fleet) async throws {
        try await fleet.product.redis.kill()
        try await Task.sleep(for: .milliseconds(400))
        try await fleet.product.redis.start()
        try await Task.sleep(for: .milliseconds(800))
    }

    static let redisFull = Scenario(
        "Redis full", heal: { try await $0.product.redisCommand("CONFIG", "SET", "maxmemory", "0") }
    ) { fleet, _ in
        try await fleet.product.redisCommand("CONFIG", "SET", "maxmemory", "1mb")
        try await Task.sleep(for: .milliseconds(800))
        try await fleet.product.redisCommand("CONFIG", "SET", "maxmemory", "0")
        try await Task.sleep(for: .milliseconds(800))
        return nil
    }

    static let functionsReplaced = Scenario("function libraries flushed and replaced") { fleet, dice in
        let library = try QueueLibrary()
        switch Int.random(in: 0..<3, using: &dice) {
        case 0: try await fleet.product.redisCommand("FUNCTION", "FLUSH")
        case 1: try await fleet.product.redisCommand("FUNCTION", "LOAD", "REPLACE", .init(library.older))
        case _: try await fleet.product.redisCommand("FUNCTION", "LOAD", "REPLACE", .init(library.newer))
        }
        try await Task.sleep(for: .milliseconds(100))
        return nil
    }

    // MARK: Postgres

    static let postgresKilled = Scenario("Postgres killed") { fleet, _ in
        try await fleet.product.postgres.kill()
        try await Task.sleep(for: .milliseconds(400))
        try await fleet.product.postgres.start()
        try await Task.sleep(for: .milliseconds(800))
        return nil
    }

    static let backendsTerminated = Scenario("every database connection terminated") { fleet, _ in
        _ = try await fleet.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        try await Task.sleep(for: .milliseconds(200))
        return nil
    }

    // MARK: The provider

    static let providerFails = Scenario(
        "the provider answers 429, 500, late or not at all", heal: { try await $0.product.clearFaults() }
    ) { fleet, dice in
        let faults = [
            #"{"kind": "tooManyRequests", "times": 3, "retryAfter": 1}"#, #"{"kind": "tooManyRequests", "times": 2}"#,
            #"{"kind": "serverError"}"#, #"{"kind": "serverError", "accepts": true}"#, #"{"kind": "unavailable"}"#,
            #"{"kind": "reset"}"#, #"{"kind": "reset", "accepts": false}"#, #"{"kind": "hang", "seconds": 1}"#,
            #"{"kind": "hang", "seconds": 14}"#, #"{"kind": "dropCallback", "times": 4}"#,
            #"{"kind": "duplicateCallback", "times": 4}"#, #"{"kind": "delayCallback", "times": 4}"#,
        ]
        try? await fleet.product.fault(dice.pick(faults))
        try await Task.sleep(for: .milliseconds(250))
        return nil
    }
}
