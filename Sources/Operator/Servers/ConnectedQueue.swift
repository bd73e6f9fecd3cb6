import ArgumentParser
import Common
import Logging
import ServiceLifecycle

/// The queue, with its Redis connected.
struct ConnectedQueue: Sendable {
    let redis: any RedisService
    let queue: QueueClient
    var keys: QueueKeys { queue.keys }

    /// How long a server may take to be there.
    static let patience = Duration.seconds(5)

    /// Reads the environment, connects, lets `body` work, and closes.
    static func with<R: Sendable>(_ body: (ConnectedQueue) async throws -> R) async throws -> R {
        var values = ConfigurationValues()
        let unconnected = Unconnected(reading: &values)
        try values.check()
        let reactor = Reactor(name: "operator")
        defer { reactor.stop() }
        let (connected, services) = unconnected.make(on: reactor)
        return try await Self.running(services) {
            try await connected.waitUntilReady()
            return try await body(connected)
        }
    }

    /// What the environment says of the queue.
    struct Unconnected {
        let redis: RedisConfiguration
        let queue: QueueConfiguration

        init(reading values: inout ConfigurationValues) {
            redis = RedisConfiguration(reading: &values)
            queue = QueueConfiguration(reading: &values)
        }

        func make(on reactor: Reactor) -> (ConnectedQueue, [any Service]) {
            let client = RedisRouter(redis, reactor: reactor, logger: .silent)
            var limits = QueueLimits()
            limits.lease = queue.lease
            // Nothing here ever waits for messages: one connection does.
            let queue = QueueClient(
                redis: client, waiting: client, keys: QueueKeys(queue.served), limits: limits)
            return (ConnectedQueue(redis: client, queue: queue), [client])
        }
    }

    func waitUntilReady() async throws {
        do {
            try await redis.ready(within: Self.patience)
        } catch {
            throw UnreachableServer("Redis cannot be reached: \(error). Check REDIS_URL.")
        }
    }

    /// Refuses a shard that there is none of; all when none is asked for.
    func shards(_ wanted: Int?) throws -> [Int] {
        guard let wanted else { return Array(0..<keys.shards) }
        guard (0..<keys.shards).contains(wanted) else {
            throw ValidationError("--shard takes a number from 0 to \(keys.shards - 1) (QUEUE_SHARDS), not \(wanted).")
        }
        return [wanted]
    }

    /// Runs `services` for as long as `body` takes.
    static func running<R: Sendable>(
        _ services: [any Service], _ body: () async throws -> R
    ) async throws -> R {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            let result: Result<R, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            group.cancelAll()
            while (try? await group.next()) != nil {}
            return try result.get()
        }
    }
}

/// A server that is not there, and the variable that says where it should be.
struct UnreachableServer: OperatorFailure, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Logger {
    /// The operator tells what happens by itself.
    static var silent: Logger { Logger(label: "operator", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
