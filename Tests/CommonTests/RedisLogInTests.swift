import Common
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisLogInTests {
    @Test func onlyTheRightPasswordIsLetIn() async throws {
        try await withRedis(options: ["--requirepass", "right"]) { redis in
            try await withClient(RedisConfiguration(url: Secret("redis://:right@127.0.0.1:\(redis.port)/2"))) {
                client in
                try await client.ready(within: .seconds(5))
                #expect(try await client.send(RedisCommand("CLIENT", "INFO")).string?.contains("db=2") == true)
            }
            for user in ["", "nobody"] {
                let url = Secret("redis://\(user):wrong@127.0.0.1:\(redis.port)")
                try await withClient(RedisConfiguration(url: url)) { client in
                    let error = try await refusal(of: client)
                    #expect(error?.code == .unavailable)
                    #expect(error?.description.contains("WRONGPASS") == true)
                }
            }
            try await withClient(redis.configuration) { client in
                let error = try await refusal(of: client)
                #expect(error?.description.contains("NOAUTH") == true)
            }
        }
    }

    @Test func aUserWithFewRightsIsLetIn() async throws {
        let user = ["--user", "alice", "on", ">p w/@%", "~*", "&*", "-@all", "+get", "+set"]
        try await withRedis(options: user) { redis in
            let url = Secret("redis://alice:p%20w%2F%40%25@127.0.0.1:\(redis.port)")
            try await withClient(RedisConfiguration(url: url)) { client in
                _ = try await client.send(RedisCommand("SET", "k", "v"))
                #expect(try await client.send(RedisCommand("GET", "k")).string == "v")
                let error = await failure { () throws(RedisError) in _ = try await client.send(RedisCommand("PING")) }
                #expect(error?.code == .server(prefix: "NOPERM"))
                #expect(await client.serverRunID == nil)
            }
        }
    }

    @Test func aBusyServerIsNotReadyUntilItsScriptEnds() async throws {
        try await withRedis(options: ["--lua-time-limit", "50"]) { redis in
            try await withClient(redis.configuration) { script in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        let error = await failure { () throws(RedisError) in
                            _ = try await script.send(
                                RedisCommand("EVAL", "while true do end", 0), within: .seconds(30))
                        }
                        #expect(error?.serverPrefix != nil)
                    }
                    try await until("the script holds the server up") {
                        try await redis.cli("PING").contains("BUSY")
                    }
                    try await withClient(redis.configuration) { client in
                        let error = try await refusal(of: client)
                        #expect(error?.description.contains("BUSY") == true)
                        _ = try await redis.cli("SCRIPT", "KILL")
                        try await client.ready(within: .seconds(10))
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}
