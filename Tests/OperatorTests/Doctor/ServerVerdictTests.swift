import Common
import Testing

@testable import Operator

/// What the doctor makes of what Postgres and Redis say.
@Suite struct ServerVerdictTests {
    @Test func postgresConnection() {
        expect(PostgresConnectionCheck(failure: nil, isEncrypted: true), .ok, says: "with TLS")
        for (failure, mend) in [
            ("password authentication failed for user \"x\"", "PGPASSWORD"),
            ("database \"x\" does not exist", "create the database"),
            ("no pg_hba.conf entry for host", "sslmode"), ("SSL error: certificate verify failed", "PGSSLROOTCERT"),
            ("sorry, too many clients already", "max_connections"), ("Connection refused", "PGHOST"),
        ] {
            expect(PostgresConnectionCheck(failure: failure), .problem, says: failure, mend)
        }
    }

    @Test func postgresItself() {
        expect(PostgresVersionCheck(number: 140_000, text: "14.0"), .ok)
        expect(PostgresVersionCheck(number: 130_022, text: "13.22"), .problem, says: "13.22", "14 or later")
        expect(PostgresWritesCheck(isStandby: false, isReadOnly: false), .ok)
        expect(PostgresWritesCheck(isStandby: true, isReadOnly: true), .problem, says: "standby", "primary")
        expect(PostgresWritesCheck(isStandby: false, isReadOnly: true), .problem, says: "default_transaction_read_only")
        func durability(_ fsync: Bool, _ commit: String, production: Bool = true) -> DurabilityCheck {
            DurabilityCheck(fsync: fsync, synchronousCommit: commit, isProduction: production)
        }
        expect(durability(true, "on"), .ok)
        expect(durability(true, "off"), .warning, says: "synchronous_commit = on")
        expect(durability(false, "off"), .problem, .warning, says: "fsync = on")
        expect(durability(false, "on", production: false), .warning)
        expect(SessionCheck(statementTimeout: "10s", searchPath: "a", schema: "a"), .ok)
        expect(
            SessionCheck(statementTimeout: "0", searchPath: "b", schema: "a"), .problem, says: "pooler", "search_path")
        expect(TransactionsCheck(longest: .seconds(300), isIdle: true), .ok)
        expect(
            TransactionsCheck(longest: .seconds(301), isIdle: true), .warning, says: "does nothing",
            "pg_terminate_backend")
    }

    @Test func migrations() {
        func status(_ state: MigrationStatus.State) -> [MigrationStatus] {
            [MigrationStatus(version: 3, name: "turns", state: state, appliedAt: nil)]
        }
        expect(MigrationsCheck(applied: 9, needed: 9, statuses: status(.applied)), .ok)
        expect(
            MigrationsCheck(applied: 0, needed: 9, statuses: []), .problem, says: "no migration", "operator migrate up")
        expect(
            MigrationsCheck(applied: 8, needed: 9, statuses: status(.pending)), .problem, says: "version 8", "needs 9")
        expect(MigrationsCheck(applied: 10, needed: 9, statuses: status(.unknown)), .warning, says: "later release")
        expect(
            MigrationsCheck(applied: 9, needed: 9, statuses: status(.changed)), .problem, says: "turns",
            "restore the file")
    }

    @Test func connections() {
        func check(_ used: Int, _ limit: Int? = nil, _ own: Int = 0) -> ConnectionsCheck {
            ConnectionsCheck(used: used, maximum: 100, roleLimit: limit, roleConnections: own)
        }
        expect(check(92), .ok, says: "8 of 100")
        expect(check(93), .warning, says: "max_connections")
        expect(check(98), .problem, says: "2 of 100")
        expect(check(10, 6, 4), .problem, says: "2 of 6", "CONNECTION LIMIT")
        expect(check(10, 20, 4), .ok)
    }

    @Test func redisConnectionAndRole() {
        expect(RedisConnectionCheck(failure: nil), .ok, says: "without TLS")
        for (failure, mend) in [
            ("WRONGPASS invalid username-password pair", "user and password"),
            ("NOAUTH Authentication required", "REDIS_URL"),
            ("TLS could not be agreed on", "rediss://"), ("Connection refused", "host and port"),
        ] {
            expect(RedisConnectionCheck(failure: failure), .problem, says: failure, mend)
        }
        expect(RedisRoleCheck(roles: ["master", "master"], isLoading: false), .ok, says: "2 masters")
        expect(RedisRoleCheck(roles: ["slave"], isLoading: false), .problem, says: "replica", "master")
        expect(RedisRoleCheck(roles: ["master"], isLoading: true), .problem, says: "wait")
        expect(RedisVersionCheck(versions: ["7.0.15"]), .ok)
        expect(RedisVersionCheck(versions: ["7.2.4", "6.2.0"]), .warning, says: "6.2.0, 7.2.4", "scripts")
        expect(RedisVersionCheck(versions: ["5.0.14"]), .problem, says: "too old")
    }

    @Test func redisPersistenceAndMemory() {
        func kept(_ appendOnly: [Bool?], append: Bool = true, save: Bool = true) -> RedisPersistenceCheck {
            RedisPersistenceCheck(appendOnly: appendOnly, lastAppendOK: append, lastSaveOK: save)
        }
        expect(kept([true, true]), .ok)
        expect(kept([true, false]), .warning, says: "appendonly yes")
        expect(kept([nil]), .warning, says: "INFO")
        expect(
            kept([true], append: false, save: false), .problem, .problem, says: "append-only file", "snapshot", "BGSAVE"
        )
        func memory(_ policy: String?, _ used: Int, of maximum: Int, production: Bool = false) -> RedisMemoryCheck {
            RedisMemoryCheck(
                servers: [.init(policy: policy, maximum: maximum, used: used)], isProduction: production)
        }
        expect(memory("noeviction", 49, of: 100), .ok, says: "49 %")
        expect(memory("noeviction", 50, of: 100), .warning, says: "raise maxmemory")
        expect(memory("noeviction", 70, of: 100), .problem, says: "start workers")
        expect(memory("noeviction", 1, of: 0), .ok, says: "no limit")
        expect(memory("noeviction", 1, of: 0, production: true), .warning, says: "set maxmemory")
        expect(memory("allkeys-lru", 1, of: 100), .problem, says: "allkeys-lru", "noeviction")
        expect(memory(nil, 1, of: 100), .warning, says: "noeviction")
    }

    @Test func redisFunctionsAndShards() {
        func functions(_ answer: RedisFunctionsCheck.Answer) -> RedisFunctionsCheck {
            RedisFunctionsCheck(answer: answer, ours: 3)
        }
        expect(functions(.revision(3)), .ok)
        expect(functions(.revision(2)), .warning, says: "earlier release")
        expect(functions(.revision(4)), .warning, says: "later release")
        expect(functions(.missing), .warning, says: "yet")
        expect(functions(.unsupported), .warning, says: "FCALL")
        expect(functions(.failed("ERR")), .problem, says: "ERR", "ACL")
        expect(QueueShardsCheck(shards: 4, beyond: [:]), .ok)
        expect(
            QueueShardsCheck(shards: 4, beyond: [7: 2, 5: 1]), .problem, says: "2 shards", "3 entries", "at least 8")
        func cluster(_ state: String = "ok", lonely: Int = 0, shards: Int = 64) -> RedisClusterCheck {
            RedisClusterCheck(isCluster: true, state: state, mastersWithoutReplica: lonely, shards: shards)
        }
        expect(RedisClusterCheck(isCluster: false, state: "ok", mastersWithoutReplica: 1, shards: 1), .ok)
        expect(cluster(), .ok)
        expect(cluster("fail"), .problem, says: "--cluster check")
        expect(cluster(lonely: 3, shards: 1), .warning, .warning, says: "QUEUE_SHARDS=64", "replicas")
    }

    @Test func infoIsRead() {
        let facts = RedisFacts(
            info: """
                redis_version:7.0.15\r
                role:slave\r
                loading:0\r
                aof_enabled:1\r
                aof_last_write_status:err\r
                rdb_last_bgsave_status:ok\r
                maxmemory_policy:noeviction\r
                maxmemory:100\r
                used_memory:40\r
                cluster_enabled:1\r
                connected_slaves:2\r
                """)
        #expect(facts.version == "7.0.15" && facts.role == "slave" && !facts.isLoading && facts.isAppendOnly == true)
        #expect(!facts.lastAppendOK && facts.lastSaveOK && facts.eviction == "noeviction" && facts.maximumMemory == 100)
        #expect(facts.usedMemory == 40 && facts.isCluster && facts.replicas == 2)
    }
}
