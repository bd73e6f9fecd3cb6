package import ServiceLifecycle

/// Redis as those see it who give commands: one server, or a cluster of them.
package protocol RedisService: Service, Sendable {
    /// On whose thread replies are told.
    nonisolated var reactor: Reactor { get }

    /// Sends one command from any thread, without a task; an error reply is a failure.
    ///
    /// `limit` counts from now, the configured time-out when nil. `completion` is called once, on the reactor's
    /// thread, and must not block it.
    nonisolated func submit(
        _ command: RedisCommand, within limit: Duration?,
        _ completion: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void)

    /// Sends one command to every server there is, and gives back their replies; one that fails is thrown.
    func sendToEach(_ command: RedisCommand, within limit: Duration?) async throws(RedisError) -> [RedisValue]

    /// Waits until commands can be answered; `unavailable` when `limit` passes first.
    func ready(within limit: Duration) async throws(RedisError)

    /// Whether a command given now is written at once.
    var isReady: Bool { get async }

    /// What changes with each restart of a server; of a cluster the ids of all its nodes, sorted and joined by commas.
    var serverRunID: String? { get async }

    /// Takes no more commands, waits for the replies that are due and ends `run`; safe to call twice.
    nonisolated func shutDown()
}

extension RedisService {
    /// Sends one command and gives back its reply; an error reply is thrown.
    ///
    /// Cancelling the task does not take the command back: it ends with the reply or the deadline.
    package func send(_ command: RedisCommand, within limit: Duration? = nil) async throws(RedisError) -> RedisValue {
        let result = await withCheckedContinuation { continuation in
            submit(command, within: limit) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Sends commands together and gives back all replies; error replies are values.
    ///
    /// Those that go to one server leave in one write. An error says of all of them what became of the worst.
    package func send(
        _ commands: [RedisCommand], within limit: Duration? = nil
    ) async throws(RedisError) -> [RedisValue] {
        if commands.isEmpty { return [] }
        let result = await withCheckedContinuation { continuation in
            let batch = RedisBatch(commands.count) { continuation.resume(returning: $0) }
            for (index, command) in commands.enumerated() {
                submit(command, within: limit) { result in
                    batch.complete(
                        index,
                        result.flatMapError { error in
                            error.serverPrefix == nil ? .failure(error) : .success(.error(error.description))
                        })
                }
            }
        }
        return try result.get()
    }

    package func sendToEach(
        _ command: RedisCommand, within limit: Duration?
    ) async throws(RedisError) -> [RedisValue] {
        [try await send(command, within: limit)]
    }

    package nonisolated func submit(
        _ command: RedisCommand, _ completion: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void
    ) {
        submit(command, within: nil, completion)
    }
}

extension RedisClient: RedisService {}
