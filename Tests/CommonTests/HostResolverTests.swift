import Common
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct HostResolverTests {
    private let reactor = Reactor(name: "resolver-test")

    @Test func numbersAndLocalhostAreFound() async throws {
        let resolver = HostResolver(reactor: reactor)
        #expect(try await resolver.resolve("192.0.2.7", port: 1, within: .seconds(1)).map(\.host) == ["192.0.2.7"])
        #expect(try await resolver.resolve("2001:db8::1", port: 1, within: .seconds(1)).map(\.host) == ["2001:db8::1"])
        let local = try await resolver.resolve("localhost", port: 1, within: .seconds(5)).map(\.host)
        #expect(!local.isEmpty && local.allSatisfy { ["127.0.0.1", "::1"].contains($0) })
    }

    @Test func anUnknownNameFailsInTimeAndTheReactorGoesOn() async throws {
        let ticks = Locked(0)
        let ticker = Ticker(reactor, ticks)
        ticker.start()
        let resolver = HostResolver(reactor: reactor)
        let start = ContinuousClock.now
        await #expect(throws: HostResolutionError.self) {
            try await resolver.resolve("no-such-host.invalid", port: 6379, within: .seconds(2))
        }
        #expect(.now - start < .seconds(4))
        try await until("the reactor ticks") { ticks.withLock { $0 } > 20 }
        #expect(ticker.longestGap < .seconds(1))
        ticker.stop()
    }

    @Test func aDeadlineInThePastAndACancelledTaskEndAtOnce() async throws {
        let resolver = HostResolver(reactor: reactor)
        await #expect(throws: HostResolutionError.self) {
            try await resolver.resolve("no-such-host.invalid", port: 1, within: .zero)
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { _ = try await resolver.resolve("no-such-host.invalid", port: 1, within: .seconds(30)) }
            let result = await group.nextResult()
            #expect(throws: HostResolutionError.self) { try result?.get() }
        }
    }

    @Test func aRedisOfAnUnknownNameFailsWithAClearError() async throws {
        var configuration = RedisConfiguration()
        configuration.host = "no-such-host.invalid"
        configuration.connectTimeout = .milliseconds(500)
        try await withClient(configuration) { client in
            let start = ContinuousClock.now
            let ready = await failure { () throws(RedisError) in try await client.ready(within: .seconds(2)) }
            #expect(ready?.code == .unavailable)
            #expect(
                ready?.description.contains("host name could not be resolved") == true
                    || ready?.description.contains("looking up the host name took too long") == true)
            #expect(ready?.description.contains("no-such-host") == false)
            let sent = await failure { () throws(RedisError) in
                _ = try await client.send(RedisCommand("PING"), within: .milliseconds(300))
            }
            #expect(sent?.isProvablyNotSent == true)
            #expect(.now - start < .seconds(15))
        }
    }
}

/// Counts the reactor's timers, every 5 ms, and measures the longest time between two.
private final class Ticker: Sendable {
    private let reactor: Reactor
    private let ticks: Locked<Int>
    private let state = Locked((last: ContinuousClock.now, longest: Duration.zero, isStopped: false))

    init(_ reactor: Reactor, _ ticks: Locked<Int>) {
        self.reactor = reactor
        self.ticks = ticks
    }

    var longestGap: Duration { state.withLock { $0.longest } }

    func start() { reactor.submit { self.tick() } }
    func stop() { state.withLock { $0.isStopped = true } }

    private func tick() {
        ticks.withLock { $0 += 1 }
        let goesOn = state.withLock { state in
            state.longest = max(state.longest, .now - state.last)
            state.last = .now
            return !state.isStopped
        }
        if goesOn { reactor.after(.milliseconds(5)) { self.tick() } }
    }
}
