import Common
import Glibc
import TestSupport

extension RelayScenario {
    static let everySecond = ["--appendonly", "yes", "--appendfsync", "everysec"]
    static let always = ["--appendonly", "yes", "--appendfsync", "always"]

    static let all =
        [
            relaysKilled, relaysPaused, postgresKilled, redisKilled, redisLosesItsTail, databaseRestored, snapshotHeld,
        ] + withWebhook

    // MARK: Relays

    static let relaysKilled = RelayScenario(name: "a relay killed every 200 ms") { fleet, dice in
        let relay = dice.pick(fleet.relays)
        try await relay.process.stop(SIGKILL)
        try await relay.process.start()
        try await Task.sleep(for: .milliseconds(200))
    }

    static let relaysPaused = RelayScenario(name: "a relay stopped past its lease") { fleet, dice in
        let relay = dice.pick(fleet.relays)
        await relay.process.send(SIGSTOP)
        try await Task.sleep(for: .seconds(RelayFleet.leaseSeconds) + .milliseconds(500))
        await relay.process.send(SIGCONT)
    }

    // MARK: Servers

    static let postgresKilled = RelayScenario(name: "Postgres killed under relays") { fleet, _ in
        try await fleet.product.postgres.kill()
        try await Task.sleep(for: .milliseconds(300))
        try await fleet.product.postgres.start()
        try await Task.sleep(for: .milliseconds(800))
    }

    static let redisKilled = RelayScenario(name: "Redis killed under relays", redis: always) { fleet, _ in
        try await fleet.product.redis.kill()
        try await Task.sleep(for: .milliseconds(300))
        try await fleet.product.redis.start()
        try await Task.sleep(for: .milliseconds(800))
    }

    /// A host that is lost takes the end of the stream with it, and the marks' as well.
    static let redisLosesItsTail = RelayScenario(name: "Redis loses the end of the stream") { fleet, dice in
        try await Task.sleep(for: .milliseconds(500))
        try await fleet.product.redis.kill()
        try AppendOnlyFile(of: fleet.product.redis).cut(Int.random(in: 2_000...40_000, using: &dice))
        try await fleet.product.redis.start()
        // Redis 7.0 leaves the head of a torn transaction in its file, and a second start carries it out after all:
        // docs/runbook.md.
        try await fleet.product.redisCommand("BGREWRITEAOF")
        try await until("the log is written anew") {
            let text = try await fleet.product.redisCommand("INFO", "persistence").string ?? ""
            return text.contains("aof_rewrite_in_progress:0") && text.contains("aof_rewrite_scheduled:0")
        }
        try await Task.sleep(for: .milliseconds(1000))
    }

    // MARK: The database's past

    /// Writers stand still from before the restore until it is accepted, as the service does that is being restored.
    static let databaseRestored = RelayScenario(
        name: "an old dump of the database restored",
        strike: { fleet, _ in
            let file = fleet.product.directory + "/old.dump"
            let bin = try PostgresServer.programs()
            let url = fleet.product.postgres.url(database: fleet.product.database)
            try await Task.sleep(for: RelayExtent.faults / 3)
            let dumped = try await fleet.command("'\(bin)/pg_dump' -Fc -n whatsapp_handler -f '\(file)' '\(url)'")
            try await Task.sleep(for: RelayExtent.faults / 3)
            fleet.writers.pauseWriting(true)
            try await fleet.writers.untilIdle()
            try await fleet.drain("redis", within: RelayExtent.patience)
            // In one transaction: relays are still there, and one of them and this may be in each other's way.
            let restore = """
                (echo 'BEGIN; DROP SCHEMA whatsapp_handler CASCADE;'; '\(bin)/pg_restore' -f - '\(file)'; echo 'COMMIT;') \
                | '\(bin)/psql' -X -q -v ON_ERROR_STOP=1 -d '\(url)'
                """
            var restored: Int32 = -1
            for _ in 0..<5 where restored != 0 { restored = try await fleet.command(restore, log: "restore") }
            guard dumped == 0, restored == 0 else { throw HarnessError("pg_dump \(dumped), restore \(restored)") }
            let kept = Set(try await fleet.sql("SELECT id FROM outbox_events").map { $0[0] })
            let gone = Set(fleet.writers.committed.values.joined()).union(fleet.writers.unknown).subtracting(kept)
            fleet.forgotten.withLock { $0 = gone }
            let accepted = try await fleet.operate("outbox accept-restore --yes")
            guard accepted == 0 else { throw HarnessError("accept-restore ended with \(accepted)") }
            fleet.writers.pauseWriting(false)
            try await Task.sleep(for: RelayExtent.faults / 3)
        },
        judge: { fleet, ledger in
            ledger.forgotten = fleet.forgotten.withLock { $0 }
            ledger.mayComeAgain = true
            if ledger.forgotten.isEmpty { ledger.remarks.append("the restore took nothing away") }
        }, strikesOnce: true)

    /// What stops an outbox that waits for the oldest transaction of the cluster.
    static let snapshotHeld = RelayScenario(
        name: "a snapshot held for \(RelayExtent.snapshot) s",
        strike: { fleet, _ in
            try await fleet.product.postgres.psql(
                """
                BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id(); SELECT pg_sleep(\(RelayExtent.snapshot));
                COMMIT
                """, database: fleet.product.database)
        }, strikesOnce: true)
}
