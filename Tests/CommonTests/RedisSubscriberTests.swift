import Common
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisSubscriberTests {
    /// Runs `body` with a subscriber to `one` and `two`; `heard` is what it was sent.
    private func withSubscriber(
        _ redis: RedisServer, heartbeat: Duration = .seconds(10),
        _ body: (_ subscriber: RedisSubscriber, _ heard: Locked<[String]>) async throws -> Void
    ) async throws {
        let heard = Locked<[String]>([])
        let subscriber = RedisSubscriber(
            redis.configuration, channels: ["one", "two"], reactor: redisReactor, logger: redisLogger(),
            heartbeat: heartbeat, onSubscribed: { heard.withLock { $0.append("subscribed") } }
        ) { channel, payload in
            heard.withLock { $0.append("\(channel) \(String(decoding: payload, as: UTF8.self))") }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await subscriber.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body(subscriber, heard)) } catch { result = .failure(error) }
            subscriber.shutDown()
            try await group.waitForAll()
            try result.get()
        }
    }

    @Test func messagesArriveBeforeAndAfterARestart() async throws {
        try await withRedis { redis in
            try await withSubscriber(redis) { subscriber, heard in
                for round in 1...2 {
                    try await until("it is subscribed") { await subscriber.isReady }
                    _ = try await redis.cli("PUBLISH", "one", "a\(round)")
                    _ = try await redis.cli("PUBLISH", "two", "b\(round)")
                    try await until("it hears") { heard.withLock { $0.last } == "two b\(round)" }
                    try await redis.kill()
                    try await until("the loss is noticed") { await !subscriber.isReady }
                    try await redis.start()
                }
                try await until("it is subscribed again") { await subscriber.isReady }
                #expect(
                    heard.withLock { $0 } == [
                        "subscribed", "one a1", "two b1", "subscribed", "one a2", "two b2", "subscribed",
                    ])
            }
        }
    }

    @Test func aSilentServerIsNoticed() async throws {
        try await withRedis { redis in
            try await withSubscriber(redis, heartbeat: .milliseconds(100)) { subscriber, heard in
                try await until("it is subscribed") { await subscriber.isReady }
                await redis.process.send(SIGSTOP)
                try await until("the silence is noticed") { await !subscriber.isReady }
                await redis.process.send(SIGCONT)
                try await until("it is subscribed again") { await subscriber.isReady }
                #expect(heard.withLock { $0 } == ["subscribed", "subscribed"])
            }
        }
    }
}
