import Common
import Glibc
import ServiceLifecycle
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct RedisFailureTests {
    private func id(_ client: RedisClient) async throws -> Int? {
        try await client.send(RedisCommand("CLIENT", "ID"), within: .seconds(10)).int
    }

    @Test func aKilledServerFailsWhatWaitsAndIsUsedAgainWhenItIsBack() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                try await client.ready(within: .seconds(5))
                let runID = await client.serverRunID
                let (answered, failed, stop) = (Locked(0), Locked<[RedisError]>([]), Locked(false))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<32 {
                        group.addTask {
                            while !stop.withLock({ $0 }) {
                                let word = "\(task) \(Int.random(in: 0...Int.max))"
                                do throws(RedisError) {
                                    let reply = try await client.send(
                                        RedisCommand("ECHO", .text(word)), within: .seconds(5))
                                    #expect(reply.string == word)
                                    answered.withLock { $0 += 1 }
                                } catch { failed.withLock { $0.append(error) } }
                            }
                        }
                    }
                    for _ in 0..<3 {
                        let before = answered.withLock { $0 }
                        try await until("commands are answered") { answered.withLock { $0 } > before + 1000 }
                        try await redis.kill()
                        try await redis.start()
                    }
                    let before = answered.withLock { $0 }
                    try await until("commands are answered again") { answered.withLock { $0 } > before + 1000 }
                    stop.withLock { $0 = true }
                    try await group.waitForAll()
                }
                let errors = failed.withLock { $0 }
                #expect(errors.count <= 3 * 32)
                #expect(errors.allSatisfy { $0.code == .connectionLost || $0.code == .unavailable })
                #expect(await client.serverRunID != runID)
            }
        }
    }

    @Test func aCommandInFlightWhenTheServerDiesIsOfUnknownOutcome() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                try await withThrowingTaskGroup(of: RedisError?.self) { group in
                    group.addTask {
                        await failure { () throws(RedisError) in
                            _ = try await client.send(RedisCommand("BLPOP", "none", 0), within: .seconds(50))
                        }
                    }
                    try await until("the command is in flight") {
                        try await redis.cli("CLIENT", "LIST").contains("cmd=blpop")
                    }
                    try await redis.kill()
                    #expect(try await group.next()??.code == .connectionLost)
                }
            }
        }
    }

    @Test func aServiceGroupStopsIt() async throws {
        try await withRedis { redis in
            let client = RedisClient(redis.configuration, reactor: redisReactor, logger: redisLogger())
            let services = ServiceGroup(services: [client], logger: redisLogger())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                try await client.ready(within: .seconds(5))
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
            }
            #expect(await !client.isReady)
        }
    }

    @Test func aSilentServerIsLeftAndNoLateReplyReachesAnybodyElse() async throws {
        try await withRedis { redis in
            var configuration = redis.configuration
            configuration.commandTimeout = .milliseconds(250)
            try await withClient(configuration) { client in
                let before = try await id(client)
                await redis.process.send(SIGSTOP)
                try await withThrowingTaskGroup(of: RedisError?.self) { group in
                    for number in 0..<10 {
                        group.addTask {
                            await failure { () throws(RedisError) in
                                _ = try await client.send(
                                    RedisCommand("ECHO", "late \(number)"),
                                    within: .milliseconds(number == 0 ? 250 : 900))
                            }
                        }
                    }
                    let errors = try await group.reduce(into: []) { $0.append($1) }
                    #expect(errors.count { $0?.code == .timedOut } == 1)
                    #expect(errors.count { $0?.code == .connectionLost } == 9)
                }
                let refused = await failure { () throws(RedisError) in _ = try await client.send(RedisCommand("PING")) }
                #expect(refused?.isProvablyNotSent == true)
                await redis.process.send(SIGCONT)
                try await client.ready(within: .seconds(10))
                for number in 0..<100 {
                    let reply = try await client.send(RedisCommand("ECHO", "new \(number)"), within: .seconds(5))
                    #expect(reply.string == "new \(number)")
                }
                #expect(try await id(client) != before)
            }
        }
    }

    @Test func whatIsCalledNotSentWasNotExecuted() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                try await client.ready(within: .seconds(5))
                await redis.process.send(SIGSTOP)
                let megabyte = [UInt8](repeating: 0x78, count: 1 << 20)
                let codes = await withTaskGroup(of: (Int, RedisError.Code?).self) { group in
                    for number in 0..<40 {
                        group.addTask {
                            let error = await failure { () throws(RedisError) in
                                _ = try await client.send(
                                    RedisCommand("SET", "big:\(number)", .bytes(megabyte)), within: .milliseconds(500))
                            }
                            return (number, error?.code)
                        }
                    }
                    return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
                await redis.process.send(SIGCONT)
                let notSent = codes.filter { $0.value == .unavailable }.map(\.key)
                #expect(codes.count == 40 && notSent.count > 20, "the socket's buffers take a few megabytes")
                try await client.ready(within: .seconds(10))
                for number in notSent {
                    let found = try await client.send(RedisCommand("EXISTS", "big:\(number)"), within: .seconds(5))
                    #expect(found.int == 0)
                }
            }
        }
    }

    @Test func aCancelledTaskDoesNotDisturbTheOrder() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                try await client.ready(within: .seconds(5))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        let reply = try await client.send(RedisCommand("BLPOP", "none", "0.3"))
                        #expect(reply.isNull)
                    }
                    try await until("the command is in flight") {
                        try await redis.cli("CLIENT", "LIST").contains("cmd=blpop")
                    }
                    group.cancelAll()
                    let replies = try await client.send((0..<20).map { RedisCommand("ECHO", .integer($0)) })
                    #expect(replies.map(\.int) == Array(0..<20))
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test func repliesThatNobodyAskedForEndTheConnection() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                let before = try await id(client)
                _ = try await client.send(RedisCommand("SUBSCRIBE", "one", "two"))  // two replies
                #expect(try await id(client) != before)
            }
        }
    }

    @Test func aReplicaIsLeftForAnotherConnection() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                let before = try await id(client)
                _ = try await redis.cli("REPLICAOF", "127.0.0.1", "1")
                let error = await failure { () throws(RedisError) in
                    _ = try await client.send(RedisCommand("SET", "k", "v"))
                }
                #expect(error?.code == .server(prefix: "READONLY"))
                _ = try await redis.cli("REPLICAOF", "NO", "ONE")
                #expect(try await id(client) != before)
            }
        }
    }

    @Test func tooManyWaitingCommandsAreRefusedAtOnce() async throws {
        var configuration = RedisConfiguration()
        configuration.port = try freePort()
        configuration.maximumWaiting = 5
        try await withClient(configuration) { client in
            await withTaskGroup(of: (RedisError?, Duration).self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let start = ContinuousClock.now
                        let error = await failure { () throws(RedisError) in
                            _ = try await client.send(RedisCommand("PING"), within: .milliseconds(400))
                        }
                        return (error, .now - start)
                    }
                }
                var (waited, refused) = (0, 0)
                for await (error, duration) in group {
                    #expect(error?.code == .unavailable)
                    if error?.description == "too many commands wait" { refused += 1 }
                    if duration >= .milliseconds(400) { waited += 1 }
                }
                #expect(refused == 3 && waited == 5)
            }
        }
    }

    @Test func shuttingDownFinishesWhatIsInFlight() async throws {
        try await withRedis { redis in
            let client = RedisClient(redis.configuration, reactor: redisReactor, logger: redisLogger())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await client.run() }
                try await client.ready(within: .seconds(5))
                group.addTask {
                    let reply = try await client.send(RedisCommand("BLPOP", "none", "0.3"))
                    #expect(reply.isNull)
                }
                try await until("the command is in flight") {
                    try await redis.cli("CLIENT", "LIST").contains("cmd=blpop")
                }
                client.shutDown()
                try await group.waitForAll()
            }
            let error = await failure { () throws(RedisError) in _ = try await client.send(RedisCommand("PING")) }
            #expect(error?.code == .unavailable)
        }
    }

    @Test func cancellingRunFailsWhoWaits() async throws {
        try await withRedis { redis in
            let client = RedisClient(redis.configuration, reactor: redisReactor, logger: redisLogger())
            try await withThrowingTaskGroup(of: Void.self) { group in
                let waiting = Locked<RedisError?>(nil)
                try await withThrowingTaskGroup(of: Void.self) { running in
                    running.addTask { await client.run() }
                    try await client.ready(within: .seconds(5))
                    group.addTask {
                        let error = await failure { () throws(RedisError) in
                            _ = try await client.send(RedisCommand("BLPOP", "none", 0), within: .seconds(50))
                        }
                        waiting.withLock { $0 = error }
                    }
                    try await until("the command is in flight") {
                        try await redis.cli("CLIENT", "LIST").contains("cmd=blpop")
                    }
                    running.cancelAll()
                    try await running.waitForAll()
                }
                try await group.waitForAll()
                #expect(waiting.withLock { $0?.code } == .connectionLost)
            }
        }
    }
}
