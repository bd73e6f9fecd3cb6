import Common
import TestSupport
import Testing

/// Libraries of functions against real servers, with all they may refuse.
@Suite struct RedisFunctionLibraryTests {
    /// A library that answers its revision and keeps a counter; `twice` is new in revision 2.
    static func source(_ revision: Int) -> RedisFunctionSource {
        var text = """
            #!lua name=counting
            local REVISION = \(revision)
            redis.register_function { function_name = 'count', callback = function(keys, args)
              return redis.call('INCRBY', keys[1], args[1])
            end, flags = { 'allow-oom' } }
            redis.register_function('count_with_room', function(keys, args)
              return redis.call('INCRBY', keys[1], args[1])
            end)
            redis.register_function { function_name = 'counting_revision', callback = function() return REVISION end,
              flags = { 'no-writes' } }

            """
        if revision > 1 {
            text += "redis.register_function('twice', function(keys, args) return 2 * tonumber(args[1]) end)\n"
        }
        return RedisFunctionSource(Array(text.utf8), revisionFunction: "counting_revision")
    }

    func library(_ redis: any RedisService, _ revision: Int = 1) -> RedisFunctionLibrary {
        RedisFunctionLibrary(redis: redis, source: Self.source(revision), limit: .seconds(5))
    }

    func revision(_ client: RedisClient) async throws -> Int? {
        try await client.send(RedisCommand("FCALL", "counting_revision", 0)).int
    }

    @Test func aServerThatHasNothingIsGivenTheLibraryAgainAndAgain() async throws {
        try await withRedis { server in
            try await withClient(server.configuration) { client in
                let library = library(client)
                for number in 1...3 {
                    let count = try await library.call("count", keys: ["n"], [1])
                    #expect(count == .integer(number))
                    _ = try await client.send(RedisCommand("FUNCTION", "FLUSH"))
                }
            }
        }
    }

    @Test(
        arguments: [
            ["--rename-command", "FCALL", ""], ["--rename-command", "FUNCTION", ""],
            ["--rename-command", "FUNCTION", "", "--rename-command", "FCALL", ""],
            ["--user", "default", "on", "nopass", "~*", "&*", "+@all", "-fcall"],
            ["--user", "default", "on", "nopass", "~*", "&*", "+@all", "-function"],
            ["--user", "default", "on", "nopass", "~*", "&*", "+@all", "-function|load"],
        ])
    func aServerWithoutFunctionsIsGivenAScript(options: [String]) async throws {
        try await withRedis(options: ["--appendonly", "no"] + options) { server in
            try await withClient(server.configuration) { client in
                let library = library(client)
                for number in 1...3 {
                    let count = try await library.call("count", keys: ["n"], [1])
                    #expect(count == .integer(number))
                    _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
                }
                let unknown = await failure { () throws(RedisError) in
                    _ = try await library.call("nothing", keys: ["n"], [])
                }
                #expect(unknown?.description.contains("Function not found") == true)
            }
        }
    }

    @Test func callsLeaveInTheirOrderThoughTheLibraryIsMissing() async throws {
        try await withRedis { server in
            try await withClient(server.configuration) { client in
                let library = library(client)
                for round in 0..<20 {
                    let answers = await library.call("count", (0..<50).map { _ in (keys: ["n"], arguments: [1]) })
                    let counts = try answers.map { try $0.get().int }
                    #expect(counts == (1...50).map { round * 50 + $0 })
                    client.submit(RedisCommand("FUNCTION", "FLUSH")) { _ in }
                }
            }
        }
    }

    @Test func anOlderLibraryIsReplacedANewerOneIsKept() async throws {
        try await withRedis { server in
            try await withClient(server.configuration) { client in
                let (old, new) = (library(client, 1), library(client, 2))
                _ = try await old.call("count", keys: ["n"], [1])
                #expect(try await revision(client) == 1)
                let doubled = try await new.call("twice", keys: ["n"], [4])
                #expect(doubled == .integer(8))
                #expect(try await revision(client) == 2)
                // The old process goes on with the new one's library, and so does an old one that starts now.
                let again = try await old.call("count", keys: ["n"], [1])
                #expect(again == .integer(2))
                let third = try await library(client, 1).call("count", keys: ["n"], [1])
                #expect(third == .integer(3))
                #expect(try await revision(client) == 2)
                // The old one restores what is missing; the new one replaces that when it needs to.
                _ = try await client.send(RedisCommand("FUNCTION", "FLUSH"))
                _ = try await old.call("count", keys: ["n"], [1])
                #expect(try await revision(client) == 1)
                _ = try await new.call("twice", keys: ["n"], [4])
                #expect(try await revision(client) == 2)
            }
        }
    }

    @Test func aLibraryFromBeforeThereWereRevisionsIsReplaced() async throws {
        try await withRedis { server in
            try await withClient(server.configuration) { client in
                let old = "#!lua name=counting\nredis.register_function('count', function() return 'old' end)"
                _ = try await client.send(RedisCommand("FUNCTION", "LOAD", .init(old)))
                let count = try await library(client).call("count", keys: ["n"], [1])
                #expect(count == .integer(1))
            }
        }
    }

    /// FUNCTION LOAD needs memory; what frees memory must work without.
    @Test(arguments: [true, false]) func aFullServerRunsWhatIsAllowedTo(hasTheLibrary: Bool) async throws {
        try await withRedis { server in
            try await withClient(server.configuration) { client in
                if hasTheLibrary { _ = try await library(client).call("count", keys: ["n"], [0]) }
                _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory", 1))
                let library = library(client)
                let count = try await library.call("count", keys: ["n"], [1])
                #expect(count == .integer(1))
                let error = await failure { () throws(RedisError) in
                    _ = try await library.call("count_with_room", keys: ["n"], [1])
                }
                #expect(error?.serverPrefix == "OOM" || error?.description.contains("OOM") == true)
                _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory", 0))
                let next = try await library.call("count_with_room", keys: ["n"], [1])
                #expect(next == .integer(2))
            }
        }
    }

    @Test func aServerThatComesBackEmptyIsGivenTheNewLibraryBeforeTheFirstCall() async throws {
        try await withRedis { server in
            try await withClient(server.configuration) { client in
                let library = library(client, 2)
                _ = try await library.call("twice", keys: ["n"], [1])
                try await server.kill()
                let error = await failure { () throws(RedisError) in
                    _ = try await library.call("count", keys: ["n"], [1])
                }
                #expect(error != nil)
                try await server.start()
                try await withClient(server.configuration) { other in
                    _ = try await self.library(other, 1).call("count", keys: ["n"], [1])
                }
                try await client.ready(within: .seconds(5))
                let doubled = try await library.call("count", keys: ["n"], [1])
                #expect(doubled == .integer(2))
                #expect(try await revision(client) == 2)
            }
        }
    }
}
