import Common
import Logging
import TestSupport

/// Who appends events as the worker does, each in a transaction of its own, and keeps what was committed.
///
/// Each writer has people of its own and waits for each commit: the order in which it was told of a person's commits is
/// their order.
final class EventWriters: Sendable {
    private struct State {
        var committed: [String: [String]] = [:]
        var count = 0
        /// Neither committed nor refused, for what the writer knows.
        var unknown: Set<String> = []
        /// Writers that have an event under way.
        var busy = 0
        var isPaused = false
        var isOver = false
    }

    private static let writers = 4
    private static let peopleOfEach = 25
    private let state = Locked(State())
    private let postgres: PostgresClient
    private let redis: RedisClient
    private let pause: Duration

    init(_ product: Product, on reactor: Reactor, eventsPerSecond rate: Int) throws {
        var logger = Logger(label: "writers")
        logger.logLevel = .critical
        postgres = PostgresClient(
            try PostgresConfiguration(url: Secret(product.postgres.url(database: product.database))),
            reactor: reactor, logger: logger)
        redis = RedisClient(try RedisConfiguration(url: Secret(product.redis.url)), reactor: reactor, logger: logger)
        pause = .seconds(Self.writers) / rate
    }

    /// What was committed, of each ordering key, in order.
    var committed: [String: [String]] { state.withLock { $0.committed } }
    var count: Int { state.withLock { $0.count } }
    /// Events of which nobody knows whether they were committed.
    var unknown: Set<String> { state.withLock { $0.unknown } }

    func pauseWriting(_ isPaused: Bool) { state.withLock { $0.isPaused = isPaused } }
    /// Waits until nobody has an event under way; to be stopped or paused before.
    func untilIdle() async throws {
        try await until("the writers are idle") { state.withLock { $0.busy } == 0 }
    }
    func stop() { state.withLock { $0.isOver = true } }

    /// Writes until stopped, beside `body`.
    func run<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.postgres.run() }
            group.addTask { await self.redis.run() }
            try await postgres.ready(within: .seconds(10))
            return try await withThrowingTaskGroup(of: Void.self) { writers in
                for _ in 0..<Self.writers { writers.addTask { try await self.write() } }
                let result: Result<R, any Error>
                do { result = .success(try await body()) } catch { result = .failure(error) }
                stop()
                try await writers.waitForAll()
                group.cancelAll()
                return try result.get()
            }
        }
    }

    private func write() async throws {
        let people = (0..<Self.peopleOfEach).map { _ in UUID.timeOrdered() }
        while !state.withLock({ $0.isOver }) {
            try await Task.sleep(for: pause)
            let mayWrite = state.withLock { state in
                if state.isPaused || state.isOver { return false }
                state.busy += 1
                return true
            }
            guard mayWrite else { continue }
            defer { state.withLock { $0.busy -= 1 } }
            let event = OutboxEvent.userOptedIn(
                people[Int.random(in: people.indices)], at: .now, cause: OutboxCause(correlationID: CorrelationID()))
            do throws(PostgresError) {
                try await postgres.unit([event.appendStatement()], within: .seconds(2))
            } catch {
                // While the database is away nothing happens to anybody.
                if error.isOutcomeUnknown { state.withLock { _ = $0.unknown.insert(event.id.description) } }
                continue
            }
            state.withLock { state in
                state.committed[event.orderingKey, default: []].append(event.id.description)
                state.count += 1
            }
            redis.submit(OutboxWakeUp.command(shard: event.shard), within: .seconds(1)) { _ in }
        }
    }
}
