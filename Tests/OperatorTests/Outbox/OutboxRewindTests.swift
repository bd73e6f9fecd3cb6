import Common
import TestSupport
import Testing

@Suite struct OutboxRewindTests {
    struct Rewound: Decodable {
        var shards: Int
        var events: Int
        var dryRun: Bool
    }
    struct Restored: Decodable {
        var aheadShards: [Int]
        var oldLogId: String
        var newLogId: String?
        var events: Int
    }

    /// The relay publishes while its shards are taken away; what comes again comes in order, and the log agrees.
    @Test(.timeLimit(.minutes(1))) func aRewoundSinkPublishesAgainInOrder() async throws {
        try await withOutboxFixture { fixture in
            try await fixture.publish(30)
            let middle = try await fixture.sql("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
            try await fixture.withRelay {
                try await fixture.append(30)
                try await fixture.untilPublished()
                let moment = middle.replacing(" ", with: "T") + "Z"
                let dry = try await fixture.outbox("rewind", "--sink", "redis", "--to", moment, "--dry-run", "--json")
                    .json(Rewound.self)
                #expect(dry.events == 30 && dry.dryRun && dry.shards >= 1)
                #expect(try await fixture.length() == 60)

                let run = try await fixture.outbox("rewind", "--sink", "redis", "--to", moment, "--yes", "--json")
                #expect(run.exitCode == 0, "\(run.error)")
                #expect(try run.json(Rewound.self).events == 30)
                try await fixture.untilLength(90)
                // New ones follow.
                try await fixture.append(6)
                try await fixture.untilLength(96)
                let whole = try await fixture.outbox("rewind", "--sink", "redis", "--sequence", "0", "--yes")
                #expect(whole.exitCode == 0 && whole.output.contains("66 events"), "\(whole.output)\(whole.error)")
                try await fixture.untilLength(96 + 66)
                try await fixture.untilPublished()
            }
            for user in fixture.users {
                let all = try await fixture.sql(
                    "SELECT string_agg(sequence::text, ',' ORDER BY sequence) FROM outbox_events WHERE ordering_key = '\(user)'"
                ).split(separator: ",").compactMap { Int($0) }
                #expect(try await fixture.sequences(of: user) == Array(all[..<10]) + all[5..<10] + all[10...] + all)
            }
            let verified = try await fixture.outbox("verify", "--json")
            #expect(verified.exitCode == 0, "\(verified.output)")
            // Without the notes beside the stream the same entries are differences.
            let log = try await fixture.sql("SELECT log_id FROM outbox_meta")
            _ = try await fixture.queue.redis("HDEL", "{\(OutboxFixture.stream)}:marks:\(log)", "boundaries")
            let unexplained = try await fixture.outbox("verify", "--json")
            #expect(unexplained.exitCode == 1)
            #expect(try unexplained.json(VerifyReport.self).found.keys.contains("twice"))
        }
    }

    @Test func aRewindOfOneShardLeavesOthersAlone() async throws {
        try await withOutboxFixture { fixture in
            try await fixture.publish(24)
            try await fixture.park("1", state: "dead")
            let shard = OutboxShard.of(fixture.users[0].description)
            let others = "outbox_cursors WHERE shard <> \(shard) AND last_sequence > 0"
            let before = try await fixture.count(others)
            let cursor = "SELECT last_sequence FROM outbox_cursors WHERE shard = \(shard)"
            let last = Int(try await fixture.sql(cursor)) ?? 0
            let forward = try await fixture.outbox(
                "rewind", "--sink", "redis", "--sequence", "1000", "--shard", "\(shard)", "--yes")
            #expect(forward.exitCode == 0 && forward.output.contains("nothing to set back"))
            #expect(Int(try await fixture.sql(cursor)) == last)
            let run = try await fixture.outbox(
                "rewind", "--sink", "redis", "--sequence", "0", "--shard", "\(shard)", "--yes")
            #expect(run.exitCode == 0, "\(run.error)")
            #expect(try await fixture.sql(cursor) == "0")
            #expect(try await fixture.count(others) == before)
            // It is tried again anyway.
            #expect(try await fixture.count("outbox_parked") == 0)
            #expect(try await fixture.count("outbox_cursors WHERE owner IS NOT NULL") == 0)
        }
    }

    /// As a backup of after the tenth event would leave the database.
    @Test(.timeLimit(.minutes(1))) func afterARestoreTheRelaysGoOnWhenItIsAccepted() async throws {
        try await withOutboxFixture { fixture in
            try await fixture.publish(30)
            let nothing = try await fixture.outbox("accept-restore", "--yes")
            #expect(nothing.exitCode == 0 && nothing.output.contains("no restore to accept"))
            _ = try await fixture.sql(
                """
                DELETE FROM outbox_events WHERE sequence > 10; SELECT setval('outbox_sequence', 10);
                UPDATE outbox_cursors SET last_sequence = least(last_sequence, 8)
                """)
            try await fixture.append(6)
            try await fixture.withRelay {
                try await until("the relay says so") {
                    let log = try await fixture.outbox("stats", "--json")
                    return log.output.contains(#""relays":["#) && !log.output.contains(#""relays":[]"#)
                }
                let dry = try await fixture.outbox("accept-restore", "--dry-run", "--json").json(Restored.self)
                #expect(!dry.aheadShards.isEmpty && dry.newLogId == nil)
                #expect(try await fixture.sql("SELECT log_id FROM outbox_meta") == dry.oldLogId)
                #expect(try await fixture.length() == 30)

                let run = try await fixture.outbox("accept-restore", "--yes", "--json")
                #expect(run.exitCode == 0, "\(run.error)")
                let report = try run.json(Restored.self)
                #expect(report.newLogId != nil && report.newLogId != report.oldLogId && report.events == 8)
                #expect(try await fixture.sql("SELECT log_id FROM outbox_meta") == report.newLogId)
                // Two events after the restored cursors, and the six new ones.
                try await fixture.untilLength(30 + 8)
                try await fixture.append(3)
                try await fixture.untilLength(30 + 8 + 3)
                let old = try await fixture.queue.redis(
                    "EXISTS", "{\(OutboxFixture.stream)}:marks:\(report.oldLogId)")
                #expect(old.int == 0)
            }
            // No number that the stream has seen is given to another event from now on.
            let newest = try await fixture.entries().suffix(3).compactMap { $0["seq"] }.sorted()
            #expect(newest == ["31", "32", "33"])
            let verified = try await fixture.outbox("verify", "--json")
            #expect(verified.exitCode == 0, "\(verified.output)")
            #expect(try verified.json(VerifyReport.self).ofEarlierLogs > 0)
        }
    }
}
