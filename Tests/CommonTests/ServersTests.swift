import TestSupport
import Testing

@Suite struct ServersTests {
    @Test func redisStartsAndIsKilledAndStartsAgain() async throws {
        try await withRedis { redis in
            #expect(connects(toPort: redis.port))
            try await redis.kill()
            #expect(!connects(toPort: redis.port))
            try await redis.start()
        }
    }

    @Test func postgresStartsAndIsKilledAndStartsAgain() async throws {
        try await withPostgres { postgres in
            #expect(try await postgres.psql("SELECT 1, 'a'") == "1|a")
            try await postgres.kill()
            try await postgres.start()
            let database = try await postgres.createDatabase()
            #expect(try await postgres.psql("SELECT 2", database: database) == "2")
        }
    }
}
