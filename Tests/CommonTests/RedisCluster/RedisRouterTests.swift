import Glibc
import TestSupport
import Testing

@testable import Common

/// The router before a lone server: as a client, and nothing more.
@Suite(.timeLimit(.minutes(1))) struct RedisRouterTests {
    @Test func aLoneServerGetsEverythingOverOneConnection() async throws {
        try await withRedis { redis in
            try await withRouter(redis.configuration) { router, _ in
                let early = try await router.send(RedisCommand("SET", "k", "v"))
                #expect(early == .status("OK"), "given before anything was known")
                try await router.ready(within: .seconds(5))
                let replies = try await router.send([
                    RedisCommand("GET", "k"), RedisCommand("GET", "other"), RedisCommand("LPUSH", "k", "x"),
                ])
                #expect(replies[0].string == "v" && replies[1].isNull)
                #expect(
                    RedisValue.error("WRONGTYPE Operation against a key holding the wrong kind of value") == replies[2])
                let wrong = await failure { () throws(RedisError) in
                    _ = try await router.send(RedisCommand("LPUSH", "k", "x"))
                }
                #expect(wrong?.code == .server(prefix: "WRONGTYPE"))
                let id = await router.serverRunID
                #expect(id?.count == 40)
                let clients = try await router.send(RedisCommand("CLIENT", "LIST")).string ?? ""
                #expect(clients.split(separator: "\n").count == 1)
            }
        }
    }

    @Test func aSiblingHasAConnectionOfItsOwnForWhatBlocks() async throws {
        try await withRedis { redis in
            try await withRouter(redis.configuration) { router, _ in
                let sibling = router.sibling()
                try await running(sibling) {
                    try await sibling.ready(within: .seconds(5))
                    let moved = Locked<RedisValue?>(nil)
                    sibling.submit(RedisCommand("BLMOVE", "in", "stage", "LEFT", "RIGHT", "5"), within: .seconds(7)) {
                        result in moved.withLock { $0 = try? result.get() }
                    }
                    let depth = try await router.send(RedisCommand("RPUSH", "in", "m"))
                    #expect(depth.int == 1)
                    try await until("it was moved") { moved.withLock { $0?.string } == "m" }
                }
            }
        }
    }

    @Test func commandsWaitForAServerThatIsNotThereUntilTheirDeadline() async throws {
        try await withRedis { redis in
            try await redis.kill()
            try await withRouter(redis.configuration) { router, _ in
                let start = ContinuousClock.now
                let late = await failure { () throws(RedisError) in
                    _ = try await router.send(RedisCommand("GET", "k"), within: .milliseconds(100))
                }
                #expect(late?.code == .unavailable)
                #expect(.now - start < .seconds(2))
                let refused = await failure { () throws(RedisError) in
                    try await router.ready(within: .milliseconds(300))
                }
                #expect(refused?.description.contains("refused") == true, "\(refused?.description ?? "ready")")
                async let patient = router.send(RedisCommand("PING"), within: .seconds(20))
                try await redis.start()
                let reply = try await patient
                #expect(reply == .status("PONG"))
                try await redis.kill()
                try await until("the loss is noticed") { await !router.isReady }
                try await redis.start()
                try await router.ready(within: .seconds(20))
            }
        }
    }

    @Test func afterAShutdownNothingIsTaken() async throws {
        try await withRedis { redis in
            try await withRouter(redis.configuration) { router, _ in
                try await router.ready(within: .seconds(5))
                router.shutDown()
                try await until("it refuses") {
                    await failure { () throws(RedisError) in _ = try await router.send(RedisCommand("PING")) }?.code
                        == .unavailable
                }
            }
        }
    }

    /// Two lone servers are no cluster: half of the queue would be on each.
    @Test func severalAddressesNeedACluster() async throws {
        try await withRedis { redis in
            let configuration = try RedisConfiguration(url: Secret("\(redis.url),127.0.0.1:1"))
            try await withRouter(configuration) { router, _ in
                var error: RedisError?
                try await until("it was asked") {
                    error = await failure { () throws(RedisError) in try await router.ready(within: .milliseconds(100))
                    }
                    return error?.description.contains("not connected yet") == false
                }
                let text = error?.description ?? ""
                #expect(text.contains("no node of a cluster") || text.contains("refused"), "\(text)")
            }
        }
    }
}
