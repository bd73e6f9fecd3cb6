import Common
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisClientTests {
    @Test func repliesOfAllKindsArrive() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                try await client.ready(within: .seconds(5))
                #expect(try await client.send(RedisCommand("SET", "k", "v")) == .status("OK"))
                #expect(try await client.send(RedisCommand("GET", "k")).string == "v")
                #expect(try await client.send(RedisCommand("GET", "none")).isNull)
                #expect(try await client.send(RedisCommand("RPUSH", "list", "a", 7, .bytes([0xff]))).int == 3)
                #expect(
                    try await client.send(RedisCommand("LRANGE", "list", 0, -1)).array
                        == [.bytes([0x61]), .bytes([0x37]), .bytes([0xff])])
                #expect(
                    try await client.send(RedisCommand("EVAL", "return {{},{1,{'x'}},'y'}", 0))
                        == .array([.array([]), .array([.integer(1), .array([.bytes([0x78])])]), .bytes([0x79])]))
                #expect(try await client.send(RedisCommand("CLIENT", "GETNAME")).string == "whatsapp-handler")
                #expect(await client.serverRunID?.count == 40)
            }
        }
    }

    @Test func tasksShareTheConnectionAndGetTheirOwnReplies() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<64 {
                        group.addTask {
                            for round in 0..<50 {
                                let text = "\(task)-\(round)"
                                let reply = try await client.send(RedisCommand("ECHO", .text(text)))
                                #expect(reply.string == text)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                // Log-in, and what was given together left together: far fewer reads by the server than commands.
                let stats = try await client.send(RedisCommand("INFO", "stats")).string ?? ""
                let reads = stats.split(whereSeparator: \.isNewline).first { $0.hasPrefix("total_reads_processed:") }
                let count = try #require(reads?.split(separator: ":").last.flatMap { Int($0) })
                #expect(count < 1600)
            }
        }
    }

    /// Redis has a command that leaves at once while the turn that gave it goes on, and others only afterwards.
    @Test(arguments: [true, false]) func whatLeavesAtOnceIsThereBeforeTheTurnEnds(leavesAtOnce: Bool) async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                try await client.ready(within: .seconds(5))
                var command = RedisCommand("SET", "k", "v")
                command.leavesAtOnce = leavesAtOnce
                let isThere = await withCheckedContinuation { continuation in
                    client.reactor.submit { [command] in
                        client.submit(command, within: nil) { _ in }
                        client.reactor.submit { continuation.resume(returning: isSet("k", redis, leavesAtOnce)) }
                    }
                }
                #expect(isThere == leavesAtOnce)
                try await until("it is there") { try await client.send(RedisCommand("EXISTS", "k")).int == 1 }
            }
        }
    }

    /// Whether Redis has a key, asked for on this thread; looked for again for a while when it is `expected`.
    private func isSet(_ key: String, _ redis: RedisServer, _ expected: Bool) -> Bool {
        for _ in 0..<(expected ? 1000 : 3) {
            if Self.shell("redis-cli -p \(redis.port) EXISTS \(key)") == "1" { return true }
        }
        return false
    }

    private static func shell(_ command: String) -> String {
        guard let pipe = popen(command, "r") else { return "" }
        defer { pclose(pipe) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, Int32(line.count), pipe) != nil else { return "" }
        return String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test func binaryAndLargeValuesComeBackUnchanged() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                for size in [0, 1, 255, 16 * 1024, 3_000_000] {
                    let value = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
                    _ = try await client.send(RedisCommand("SET", "k", .bytes(value)))
                    #expect(try await client.send(RedisCommand("GET", "k")).payload == value)
                }
            }
        }
    }

    @Test func errorRepliesAreThrownWithTheirPrefixAndWithoutArguments() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                _ = try await client.send(RedisCommand("SET", "k", "v"))
                let wrongType = await failure { () throws(RedisError) in
                    _ = try await client.send(RedisCommand("LPUSH", "k", "x"))
                }
                #expect(wrongType?.code == .server(prefix: "WRONGTYPE"))
                let unknown = await failure { () throws(RedisError) in
                    _ = try await client.send(RedisCommand("NOSUCH", "a secret word"))
                }
                #expect(unknown?.code == .server(prefix: "ERR"))
                #expect(unknown?.description.contains("secret") == false)
                let batch = try await client.send([
                    RedisCommand("LPUSH", "k", "x"), RedisCommand("GET", "k"), RedisCommand("PING"),
                ])
                guard case .error = batch[0] else { throw HarnessError("expected an error value") }
                #expect(Array(batch.dropFirst()) == [.bytes([0x76]), .status("PONG")])
            }
        }
    }

    @Test func submitAnswersOnTheReactor() async throws {
        try await withRedis { redis in
            try await withClient(redis.configuration) { client in
                let result = await withCheckedContinuation { done in
                    client.submit(RedisCommand("INCR", "n")) { result in
                        #expect(redisReactor.isCurrentThread)
                        done.resume(returning: result)
                    }
                }
                #expect(result == .success(.integer(1)))
            }
        }
    }

    @Test func aUnixSocketAndADatabaseWork() async throws {
        try await withRedis { redis in
            let configuration = try RedisConfiguration(url: Secret("unix://\(redis.socket)?db=3"))
            try await withClient(configuration) { client in
                _ = try await client.send(RedisCommand("SET", "k", "v"))
                #expect(try await client.send(RedisCommand("CLIENT", "INFO")).string?.contains("db=3") == true)
            }
        }
    }
}
