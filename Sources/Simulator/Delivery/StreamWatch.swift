import Common
import Logging
import ServiceLifecycle

/// Follows the stream that the relay publishes to, to show its events; waits when Redis is away.
struct StreamWatch: Service {
    /// How long one read waits for news.
    private static let block: Duration = .seconds(5)
    /// How many events of the past are shown at the start.
    private static let past = 50

    private let simulation: Simulation
    private let client: RedisRouter
    private let stream: String

    init(_ simulation: Simulation, _ redis: RedisConfiguration, reactor: Reactor, logger: Logger) {
        self.simulation = simulation
        client = RedisRouter(redis, reactor: reactor, logger: logger)
        stream = simulation.configuration.stream
    }

    func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await client.run() }
                await cancelWhenGracefulShutdown { await follow() }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            client.shutDown()
        }
    }

    private func follow() async {
        let backoff = Backoff(base: .milliseconds(200), cap: .seconds(3))
        var failures = 0
        var last: String?
        while !Task.isCancelled {
            do {
                if let position = last {
                    last = try await next(after: position)
                } else {
                    last = try await recent()
                }
                await simulation.setStreamConnected(true)
                failures = 0
            } catch {
                await simulation.setStreamConnected(false)
                try? await Task.sleep(for: backoff.delay(attempt: failures))
                failures += 1
            }
        }
    }

    /// Shows the newest entries, and says where they end.
    private func recent() async throws(RedisError) -> String {
        let reply = try await client.send(
            RedisCommand("XREVRANGE", RedisArgument(stream), "+", "-", "COUNT", RedisArgument(Self.past)))
        return await show((reply.array ?? []).reversed()) ?? "0-0"
    }

    private func next(after last: String) async throws(RedisError) -> String {
        let command = RedisCommand(
            "XREAD", "BLOCK", RedisArgument(Int(Self.block.wholeMilliseconds)), "COUNT", "100", "STREAMS",
            RedisArgument(stream), RedisArgument(last))
        let reply = try await client.send(command, within: Self.block + .seconds(3))
        return await show(reply.array?.first?.array?.last?.array ?? []) ?? last
    }

    private func show(_ entries: [RedisValue]) async -> String? {
        var last: String?
        for entry in entries {
            guard let parts = entry.array, parts.count == 2, let id = parts[0].string else { continue }
            let words = (parts[1].array ?? []).map { $0.string ?? "" }
            var fields: [String: String] = [:]
            for index in stride(from: 0, to: words.count - 1, by: 2) { fields[words[index]] = words[index + 1] }
            await simulation.recordEvent([
                "entry": .string(id), "id": .string(fields["id"]), "type": .string(fields["type"] ?? "?"),
                "source": .string(fields["source"]), "subject": .string(fields["subject"]),
                "seq": .string(fields["seq"]), "data": .string(fields["data"] ?? ""),
                "at": .string(fields["time"] ?? Timestamp.now.rfc3339),
            ])
            last = id
        }
        return last
    }
}
