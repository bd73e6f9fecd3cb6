import Common
import Logging
import ServiceLifecycle

/// The connections that the doctor looks through; what cannot be configured is not there.
struct DoctorServers: Sendable {
    let reactor: Reactor
    let postgresClient: PostgresClient?
    let queue: ConnectedQueue?
    let http: HTTPClient
    let services: [any Service]

    init(_ settings: DoctorSettings, reactor: Reactor) {
        self.reactor = reactor
        http = HTTPClient(reactor: reactor, maximumConnections: 8)
        var services: [any Service] = []
        postgresClient = settings.postgres.map { PostgresClient($0, reactor: reactor, logger: .silent) }
        if let postgresClient { services.append(postgresClient) }
        var values = ConfigurationValues(environment: settings.environment)
        let unconnected = ConnectedQueue.Unconnected(reading: &values)
        if settings.redis != nil, settings.queue != nil {
            let (connected, clients) = unconnected.make(on: reactor)
            queue = connected
            services += clients
        } else {
            queue = nil
        }
        self.services = services
    }

    /// The database, once it answers; throws why it does not.
    func postgres() async throws -> PostgresClient {
        guard let postgresClient else { throw NotLookedAt("mend DATABASE_URL first: see configuration") }
        do {
            try await postgresClient.ready(within: ConnectedQueue.patience)
        } catch {
            throw NotLookedAt("the database does not answer: see postgres")
        }
        return postgresClient
    }

    /// Redis, once it answers.
    func redis() async throws -> ConnectedQueue {
        guard let queue else { throw NotLookedAt("mend REDIS_URL and QUEUE_SHARDS first: see configuration") }
        do {
            try await queue.redis.ready(within: ConnectedQueue.patience)
        } catch {
            throw NotLookedAt("Redis does not answer: see redis")
        }
        return queue
    }

    /// The database with a schema that this release can ask.
    func currentPostgres() async throws -> PostgresClient {
        let client = try await postgres()
        guard try await Schema.appliedVersion(on: client, within: .seconds(5)) >= Schema.version else {
            throw NotLookedAt("apply the migrations first: see postgres")
        }
        return client
    }
}
