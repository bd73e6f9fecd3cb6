import Common
import FoundationEssentials
import TestSupport
import Testing

/// The SQL of `migrations/0002_outbox`, through `psql`: what it promises does not depend on our client.
@Suite struct OutboxMigrationTests {
    /// `SELECT` of an append for one shard.
    private func append(shard: Int) -> String {
        """
        outbox_append(gen_random_uuid(), \(shard), 'key', 'user', gen_random_uuid(), 'user.registered', 1, '{}', 'c', \
        NULL, NULL)
        """
    }

    private func script(_ direction: String) throws -> String {
        var folder = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        folder = "/\(folder)/migrations"
        return try String(contentsOfFile: "\(folder)/0002_outbox.\(direction).sql", encoding: .utf8)
    }

    private func migrate(_ postgres: PostgresServer, schema: String) async throws {
        try await postgres.psql("CREATE SCHEMA \(schema); SET search_path = \(schema); " + script("up"))
    }

    /// A number that becomes visible after a higher one of its shard would be passed over by a cursor.
    @Test func insideAShardSequencesBecomeVisibleInOrder() async throws {
        try await withPostgres { postgres in
            try await migrate(postgres, schema: "a")
            let write = """
                DO $$ BEGIN
                    PERFORM set_config('search_path', 'a', false);
                    FOR i IN 1..400 LOOP
                        PERFORM \(append(shard: 7)); PERFORM pg_sleep(0.0005 * random()); COMMIT;
                    END LOOP;
                END $$
                """
            let watch = """
                DO $$ DECLARE seen bigint := 0; top bigint := 0; below bigint; BEGIN
                    PERFORM set_config('search_path', 'a', false);
                    WHILE seen < 1600 LOOP
                        SELECT count(*) INTO below FROM outbox_events WHERE sequence <= top;
                        IF below <> seen THEN RAISE 'event below % appeared late', top; END IF;
                        SELECT count(*), coalesce(max(sequence), 0) INTO seen, top FROM outbox_events;
                        COMMIT;
                    END LOOP;
                END $$
                """
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await postgres.psql(write) } }
                group.addTask { try await postgres.psql(watch) }
                try await group.waitForAll()
            }
        }
    }

    @Test func schemasOfOneDatabaseAreApart() async throws {
        try await withPostgres { postgres in
            try await migrate(postgres, schema: "a")
            try await migrate(postgres, schema: "b")
            // One session, so that plans kept for one schema would show up in the other.
            let counts = try await postgres.psql(
                """
                SET search_path = a; SELECT FROM \(append(shard: 1)); SET search_path = b; SELECT FROM \(append(shard: 1));
                SELECT FROM \(append(shard: 1)); SELECT (SELECT count(*) FROM a.outbox_events), count(*) FROM b.outbox_events
                """)
            #expect(counts.hasSuffix("1|2"))
            try await postgres.psql("SET search_path = a; " + script("down"))
            #expect(
                try await postgres.psql("SELECT count(*) FROM pg_class WHERE relnamespace = 'a'::regnamespace") == "0")
        }
    }

    @Test func partitionsAreMadeAheadAndDroppedOncePassed() async throws {
        try await withPostgres { postgres in
            try await migrate(postgres, schema: "a")
            func sql(_ text: String) async throws -> String { try await postgres.psql("SET search_path = a; " + text) }
            let partitions = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'outbox_events'::regclass"
            #expect(try await sql(partitions) == "4")
            #expect(try await sql("SELECT count(*) FROM outbox_maintain()") == "0")
            // A sink that is behind keeps its events; a log without sinks keeps all.
            _ = try await sql("SELECT \(append(shard: 7)); SELECT outbox_register_sink('redis')")
            let drop = "SELECT count(*) FROM outbox_maintain('-1 day', 0) WHERE action ="
            #expect(try await sql("\(drop) 'held: a sink is behind'") == "1")
            #expect(try await sql("SELECT is_published FROM outbox_progress") == "f")
            _ = try await sql("UPDATE outbox_cursors SET last_sequence = 1 WHERE shard = 7")
            #expect(try await sql("SELECT is_published FROM outbox_progress") == "t")
            #expect(try await sql("\(drop) 'dropped'") == "1")
            // Without a partition of its day an event goes to the default one, and the day stays there.
            #expect(try await sql("SELECT \(append(shard: 7))") == "2")
            #expect(try await sql("SELECT tableoid::regclass FROM outbox_events") == "outbox_events_default")
            #expect(
                try await sql("SELECT action FROM outbox_maintain(p_ahead => 0)") == "left to the default partition")
            _ = try await sql(
                "UPDATE outbox_cursors SET last_sequence = 2 WHERE shard = 7; SELECT outbox_maintain('-1 day', 0)")
            #expect(try await sql("SELECT count(*) FROM outbox_events") == "0")
        }
    }
}
