import Common
import TestSupport
import Testing

@testable import Operator

/// Redis and Postgres set up wrong, and what the doctor says.
@Suite struct DoctorServerTests {
    @Test func aRedisThatLosesThings() async throws {
        let options = ["--appendonly", "no", "--maxmemory-policy", "allkeys-lru", "--maxmemory", "100mb"]
        try await withRedis(options: options) { redis in
            try await withCommands(redis) { send in
                let old = QueueFixture.envelope("SM1", receivedAt: .now - .seconds(900))
                try await send("RPUSH", ["{wa:0}:in", .init(old)])
                try await send("RPUSH", ["{wa:0}:dead", .init(QueueFixture.dead(old))])
                try await send("RPUSH", ["{wa:9}:in", .init(old)])
                let environment = try DoctorEnvironment.alone(["REDIS_URL": redis.url, "QUEUE_SHARDS": "4"])
                let doctor = try await DoctorRun(environment, "--offline")
                doctor.expect("redis", "memory", "problem", "allkeys-lru", "CONFIG SET maxmemory-policy noeviction")
                doctor.expect("redis", "persistence", "warning", "appendonly yes")
                doctor.expect("redis", "functions", "warning", "does not have wa_v1 yet")
                doctor.expect("redis", "shards", "problem", "up to shard 9", "at least 10")
                doctor.expect("queue", "workers", "problem", "1 messages wait, and no worker takes them")
                doctor.expect("queue", "waiting", "problem", "15 min")
                let paused = try await OperatorRun(["queue", "pause"], environment: environment)
                #expect(paused.exitCode == 0)
                let stopped = try await DoctorRun(environment, "--offline")
                stopped.expect("queue", "paused", "warning", "operator queue resume")
                stopped.expect("redis", "functions", "ok")
            }
        }
    }

    @Test func aRedisThatLetsUsDoLittle() async throws {
        try await withRedis { redis in
            try await withCommands(redis) { send in
                try await send(
                    "ACL",
                    [
                        "SETUSER", "app", "on", ">fifteen-letters", "~*", "&*", "+@all", "-info", "-fcall",
                        "-client|list",
                    ])
                let url = "redis://app:fifteen-letters@127.0.0.1:\(redis.port)"
                let doctor = try await DoctorRun(try DoctorEnvironment.alone(["REDIS_URL": url]), "--offline")
                doctor.expect("redis", "connection", "ok")
                doctor.expect("redis", "persistence", "warning", "allow INFO")
                doctor.expect("redis", "memory", "warning", "maxmemory-policy is noeviction")
                doctor.expect("redis", "functions", "warning", "scripts")
                doctor.expect("queue", "workers", "ok", "does not say")
                let wrong = try await DoctorRun(
                    try DoctorEnvironment.alone(["REDIS_URL": "redis://app:another@127.0.0.1:\(redis.port)"]),
                    "--offline")
                wrong.expect("redis", "connection", "problem", "set user and password of REDIS_URL right")
                #expect(!wrong.run.output.contains("another"))
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aClusterIsLookedAtWhole() async throws {
        try await withRedisCluster { cluster in
            let doctor = try await DoctorRun(
                try DoctorEnvironment.alone(["REDIS_URL": cluster.url(), "QUEUE_SHARDS": "1"]), "--offline")
            doctor.expect("redis", "connection", "ok")
            doctor.expect("redis", "role", "ok", "3 masters")
            doctor.expect("redis", "cluster", "warning", "QUEUE_SHARDS=64")
            doctor.expect("redis", "shards", "ok")
            doctor.expect("queue", "workers", "warning", "start one")
        }
    }

    @Test func aPostgresThatIsNotReady() async throws {
        try await withPostgres { postgres in
            let environment = try DoctorEnvironment.alone(["DATABASE_URL": postgres.url()])
            _ = try await postgres.psql(
                """
                ALTER DATABASE postgres SET default_transaction_read_only = on;
                ALTER DATABASE postgres SET synchronous_commit = off;
                ALTER ROLE postgres CONNECTION LIMIT 4;
                """)
            let doctor = try await DoctorRun(environment, "--offline")
            doctor.expect("postgres", "migrations", "problem", "no migration is applied", "operator migrate up")
            doctor.expect("postgres", "writes", "problem", "default_transaction_read_only = off")
            doctor.expect("postgres", "durability", "warning", "synchronous_commit = on")
            doctor.expect("postgres", "free connections", "problem", "of 4", "CONNECTION LIMIT")
            doctor.expect("relay", "not looked at", "skipped", "apply the migrations first")
            let nowhere = try await DoctorRun(
                try DoctorEnvironment.alone(["DATABASE_URL": postgres.url(database: "nowhere")]), "--offline")
            nowhere.expect("postgres", "connection", "problem", "create the database")
        }
    }

    @Test func whatNobodyHasDealtWith() async throws {
        try await withQueueFixture { fixture in
            _ = try await fixture.sql(
                """
                UPDATE schema_migrations SET checksum = 'another' WHERE version = 3;
                INSERT INTO inbound_messages (message_sid, sender, kind, received_at)
                  VALUES ('SM1', 'x', 'message', now() - interval '1 hour');
                INSERT INTO outbound_messages (in_reply_to, sender, recipient, body, state, error_code)
                  VALUES ('SM1', 'x', 'x', 'x', 'failed', '63016');
                INSERT INTO dead_letters (message_sid, sender, reason) VALUES ('SM2', 'x', 'deliveries');
                SELECT outbox_register_sink('redis'), outbox_register_sink('old'), outbox_register_sink('webhook');
                UPDATE outbox_sinks SET disabled_at = now(), disabled_reason = 'it answered 410' WHERE sink = 'webhook';
                INSERT INTO outbox_parked (sink, sequence, shard, ordering_key, event, state) VALUES ('redis', 1, 1, 'k', '{}', 'dead');
                SELECT outbox_append(gen_random_uuid(), 1, 'k', 'user', gen_random_uuid(), 'user.verified', 1, '{}', 'c', NULL, NULL);
                """)
            let environment = try DoctorEnvironment.alone(fixture.environment)
                .merging([
                    "RELAY_SINKS": "redis,webhook", "RELAY_WEBHOOK_URL": "http://127.0.0.1:9/hook",
                    "RELAY_WEBHOOK_SECRET": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                ]) { $1 }
            let doctor = try await DoctorRun(environment, "--offline")
            #expect(doctor.run.exitCode == 1)
            doctor.expect("postgres", "migrations", "problem", "0003", "restore the file")
            doctor.expect("messages", "unprocessed", "warning", "1 stored messages", "operator replay")
            doctor.expect("messages", "replies", "problem", "63016", "TWILIO_TEMPLATE_REPLY")
            doctor.expect("messages", "dead letters", "warning", "operator dead list")
            doctor.expect("relay", "relays", "problem", "no relay serves the sink redis", "start a relay")
            doctor.expect("relay", "parked", "warning", "redis: 0 events are parked, 1 dead", "operator outbox retry")
            doctor.expect(
                "relay", "sinks", "problem", "switched off: it answered 410", "operator outbox enable --sink webhook")
            doctor.expect("relay", "sinks", "warning", "operator outbox forget --sink old")
            // A stream that is ahead of the log.
            let log = try await fixture.sql("SELECT log_id FROM outbox_meta")
            _ = try await fixture.redis("HSET", .init("{whatsapp_handler.events}:marks:\(log)"), "1", "999")
            let restored = try await DoctorRun(environment, "--offline")
            restored.expect("relay", "history", "problem", "operator outbox accept-restore --dry-run")
        }
    }

    private func withCommands(
        _ redis: RedisServer, _ body: (_ send: (String, [RedisArgument]) async throws -> Void) async throws -> Void
    ) async throws {
        let reactor = Reactor(name: "test")
        defer { reactor.stop() }
        let client = RedisClient(try RedisConfiguration(url: Secret(redis.url)), reactor: reactor, logger: .silent)
        try await ConnectedQueue.running([client]) {
            try await client.ready(within: .seconds(5))
            try await body { name, arguments in _ = try await client.send(RedisCommand(name, arguments)) }
        }
    }
}
