import Common
import Glibc
import NIOHTTP1
import TestSupport

/// A built relay, as it is deployed, to be killed, stopped and asked.
struct RelayProcess: Sendable {
    let process: ServerProcess
    let port: Int
    let log: String

    /// Describes a relay; `lease` is in whole seconds, `variables` are further ones.
    init(_ fixture: RelayFixture, lease: Int, variables: [String: String] = [:]) throws {
        port = try freePort()
        log = fixture.redis.directory + "/relay-\(port).log"
        process = ServerProcess(
            "env",
            [
                "DATABASE_URL=\(fixture.postgres.url())", "REDIS_URL=\(fixture.redis.url)", "PORT=\(port)",
                "RELAY_LEASE_SECONDS=\(lease)", "LOG_LEVEL=debug",
            ] + variables.map { "\($0.key)=\($0.value)" } + [try builtProgram("relay")], log: log)
    }

    /// What it has printed.
    var output: String { textOfFile(log) }

    /// Answers status and body of one of its pages; nil when it does not answer.
    func page(_ path: String, _ client: HTTPClient) async -> (status: Int, body: String)? {
        var request = HTTPRequest(.GET, "http://127.0.0.1:\(port)\(path)")
        request.timeout = .seconds(2)
        guard let response = try? await client.send(request) else { return nil }
        return (response.status, response.text)
    }
}

extension RelayFixture {
    /// Runs `body` with relays that are gone when it ends.
    func withRelays<R: Sendable>(
        _ count: Int, lease: Int, variables: [String: String] = [:], _ body: ([RelayProcess]) async throws -> R
    ) async throws -> R {
        let relays = try (0..<count).map { _ in try RelayProcess(self, lease: lease, variables: variables) }
        let result: Result<R, any Error>
        do { result = .success(try await body(relays)) } catch { result = .failure(error) }
        for relay in relays { try await relay.process.stop() }
        return try result.get()
    }

    /// Runs `body` while passengers cause events, one every few milliseconds, in four transactions at a time.
    func underLoad(_ body: () async throws -> Void) async throws {
        let isOver = Locked(false)
        let users = (0..<50).map { _ in UUID.timeOrdered() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    while !isOver.withLock({ $0 }) {
                        let user = users[Int.random(in: 0..<users.count)]
                        try await append(1, users: [user])
                        if writer.isMultiple(of: 2) {
                            _ = try await redisClient.send(
                                OutboxWakeUp.command(shard: OutboxShard.of(user.description)))
                        }
                        try await Task.sleep(for: .milliseconds(2))
                    }
                }
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            isOver.withLock { $0 = true }
            try await group.waitForAll()
            try result.get()
        }
    }

    /// Waits until the stream has grown: somebody is publishing.
    func untilSomethingIsPublished() async throws {
        let before = try await counts().stream
        try await until("something is published") { try await counts().stream > before }
    }
}
