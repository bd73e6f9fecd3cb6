import Common
import Logging
import TestSupport

/// Runs `body` with a client that is kept until the scope ends.
func withClient<R: Sendable>(
    _ configuration: PostgresConfiguration, ready: Bool = true, logger: Logger = Logger(label: "test"),
    _ body: (PostgresClient) async throws -> R
) async throws -> R {
    let reactor = Reactor(name: "test")
    defer { reactor.stop() }
    let client = PostgresClient(configuration, reactor: reactor, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        let result: Result<R, any Error>
        do {
            if ready { try await client.ready(within: .seconds(10)) }
            result = .success(try await body(client))
        } catch { result = .failure(error) }
        group.cancelAll()
        try await group.waitForAll()
        return try result.get()
    }
}

extension PostgresServer {
    /// One connection, in the schema that every database has, unless said otherwise.
    func configuration(database: String = "postgres", connections: Int = 1) throws -> PostgresConfiguration {
        var configuration = try PostgresConfiguration(url: Secret(url(database: database)))
        configuration.schema = "public"
        configuration.connections = connections
        return configuration
    }
}

/// The database's error that `body` ends with; nil when it ends well.
func failure(_ body: () async throws -> some Sendable) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

extension PostgresClient {
    /// The first column of the first row.
    func value<T: PostgresDecodable>(_ sql: SQL, as type: T.Type = T.self) async throws -> T {
        try await unit(sql).rows[0].column(0)
    }
}
