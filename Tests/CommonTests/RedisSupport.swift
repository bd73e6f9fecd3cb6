import Common
import Logging
import Subprocess
import TestSupport

/// The reactor of all Redis tests, as in a process.
let redisReactor = Reactor(name: "redis-tests")

func redisLogger() -> Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}

extension RedisServer {
    var configuration: RedisConfiguration {
        var configuration = RedisConfiguration()
        configuration.port = port
        return configuration
    }

    /// What redis-cli prints, with errors.
    func cli(_ arguments: String...) async throws -> String {
        try await run(
            .name("redis-cli"), arguments: Arguments(["-s", socket] + arguments), output: .string(limit: 1_000_000)
        ).standardOutput
    }
}

/// Runs `body` with a client that is shut down with the scope.
func withClient<R: Sendable>(
    _ configuration: RedisConfiguration, _ body: (RedisClient) async throws -> R
) async throws -> R {
    let client = RedisClient(configuration, reactor: redisReactor, logger: redisLogger())
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        let result: Result<R, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        client.shutDown()
        try await group.waitForAll()
        return try result.get()
    }
}

/// The error of `body`; nil when it has none.
func failure(_ body: () async throws(RedisError) -> Void) async -> RedisError? {
    do throws(RedisError) {
        try await body()
        return nil
    } catch { return error }
}

/// Why the server cannot be used, once a first attempt has failed; nil when it can be.
func refusal(of client: RedisClient) async throws -> RedisError? {
    var error: RedisError?
    try await until("an attempt to connect has ended") {
        error = await failure { () throws(RedisError) in try await client.ready(within: .milliseconds(50)) }
        return error?.description.contains("not connected yet") != true
    }
    return error
}
