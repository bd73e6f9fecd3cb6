import Glibc
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

    /// A port that was looked at while a server was started would be taken for as long as that server lives.
    @Test func aServerKeepsNothingThatIsOpenHere() async throws {
        try await withTemporaryDirectory { directory in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            let process = ServerProcess(
                "sh", ["-c", "ls -l /proc/$$/fd; echo done"], log: directory + "/log")
            try await process.start()
            #expect(try await process.end() == .exit(0))
            let said = textOfFile(directory + "/log")
            #expect(said.contains("done") && said.contains("/dev/null"))
            #expect(!said.contains("socket:"), "\(said)")
        }
    }

    /// Whoever waits for a server that has ended is told why, and not that time is up.
    @Test func aServerThatEndsIsTold() async throws {
        try await withTemporaryDirectory { directory in
            let process = ServerProcess("sh", ["-c", "echo no room; exit 3"], log: directory + "/log")
            try await process.start()
            let error = await #expect(throws: HarnessError.self) {
                try await until("it runs for long") {
                    try await process.assertRuns()
                    return false
                }
            }
            #expect(error?.description.contains("exit(3): no room") == true)
        }
    }
}
