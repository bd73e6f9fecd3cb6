import TestSupport
import Testing

@testable import Common

/// What needs no cluster: which slot a command is for, and what nodes' words mean.
@Suite struct RedisClusterRulesTests {
    /// Any bytes, with braces among them, are in the slot that the server puts them in.
    @Test(arguments: [UInt64.random(in: 0...UInt64.max)])
    func slotsAreTheServers(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let options = ["--cluster-enabled", "yes", "--cluster-port", "\(try freePort())"]
        try await withRedis(options: options) { server in
            try await withClient(server.configuration) { client in
                var keys: [[UInt8]] = [
                    "", "{}", "{}a", "a{}b", "{a", "a}", "{{a}}", "{a}{b}", "x{a}y", "}{a}", "123456789",
                ]
                .map { Array($0.utf8) }
                for _ in 0..<500 {
                    keys.append(
                        (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                            Bool.random(using: &random)
                                ? Array("{}ab".utf8).randomElement(using: &random) ?? 0
                                : UInt8.random(in: 0...255, using: &random)
                        })
                }
                let replies = try await client.send(keys.map { RedisCommand("CLUSTER", "KEYSLOT", .bytes($0)) })
                for (key, reply) in zip(keys, replies) {
                    #expect(reply.int == RedisSlot.of(key), "seed \(seed), key \(key)")
                }
            }
        }
    }

    @Test(arguments: [
        (RedisCommand("GET", "k"), "k"), (RedisCommand("rpush", "k", "v"), "k"),
        (RedisCommand("FCALL", "f", 2, "k", "l", "v"), "k"), (RedisCommand("EVALSHA", "0a", 1, "k"), "k"),
        (RedisCommand("XREAD", "COUNT", 1, "STREAMS", "k", "0"), "k"), (RedisCommand("OBJECT", "ENCODING", "k"), "k"),
        (RedisCommand("BLMOVE", "{k}in", "{k}stage", "LEFT", "RIGHT", "1"), "k"),
        (RedisCommand("HMGET", .bytes([0x7B, 0xFF, 0x6B, 0x7D]), 1), nil),
    ])
    func aKeysCommandGoesToItsSlot(command: RedisCommand, key: String?) {
        #expect(command.route == .slot(RedisSlot.of(key.map { Array($0.utf8) } ?? [0xFF, 0x6B])), "\(command)")
    }

    @Test func whatNamesNoKeyGoesToAnyMasterOrToAll() {
        for command in [
            RedisCommand("PING"), RedisCommand("INFO", "server"), RedisCommand("PUBLISH", "c", "m"),
            RedisCommand("EVAL", "return 1", 0), RedisCommand("FUNCTION", "LIST"),
            RedisCommand("SCRIPT", "EXISTS", "a"),
        ] { #expect(command.route == .anyMaster, "\(command)") }
        for command in [
            RedisCommand("FUNCTION", "LOAD", "REPLACE", "x"), RedisCommand("script", "load", "x"),
            RedisCommand("FUNCTION", "FLUSH"), RedisCommand("FLUSHALL"),
        ] { #expect(command.route == .allMasters, "\(command)") }
    }

    @Test func refusalsAreReadAndScriptsErrorsAreNone() {
        func refusal(_ text: String) -> RedisRefusal? { RedisRefusal(reply: text, from: "seed") }
        #expect(refusal("MOVED 3999 10.0.0.1:6381") == .moved(slot: 3999, .init(host: "10.0.0.1", port: 6381)))
        #expect(refusal("MOVED 3999 :6381") == .moved(slot: 3999, .init(host: "seed", port: 6381)))
        #expect(refusal("MOVED 3999 ?:6381") == .moved(slot: 3999, .init(host: "seed", port: 6381)))
        #expect(refusal("MOVED 3999 ::1:6381") == .moved(slot: 3999, .init(host: "::1", port: 6381)))
        #expect(refusal("ASK 1 h.example:1") == .ask(.init(host: "h.example", port: 1)))
        #expect(refusal("TRYAGAIN Multiple keys request during rehashing of slot") == .tryAgain)
        #expect(refusal("CLUSTERDOWN Hash slot not served") == .notNow)
        #expect(refusal("LOADING Redis is loading the dataset in memory") == .notNow)
        for text in [
            "MOVED", "MOVED x h:1", "MOVED 99999 h:1", "MOVED 1 h", "ERR no", "OOM command not allowed",
            "READONLY You can't write script: f, on @user_function:1.",
        ] { #expect(refusal(text) == nil, "\(text)") }
    }

    @Test func aMapIsReadWithHostsThatAreNotTold() throws {
        func node(_ host: RedisValue, _ port: Int) -> RedisValue { .array([host, .integer(port), .bytes([])]) }
        let reply = RedisValue.array([
            .array([.integer(0), .integer(99), node(.bytes(Array("a".utf8)), 1), node(.null, 2)]),
            .array([.integer(200), .integer(16_383), node(.bytes([]), 3), node(.bytes(Array("?".utf8)), 4)]),
        ])
        var map = try #require(RedisSlotMap(reply, askedOf: "seed"))
        #expect(map.owner(of: 99) == RedisAddress(host: "a", port: 1))
        #expect(map.owner(of: 100) == nil && map.uncovered == 100)
        #expect(map.owner(of: 200) == RedisAddress(host: "seed", port: 3))
        #expect(map.replicas == [.init(host: "seed", port: 2), .init(host: "seed", port: 4)])
        let isNews = (map.move(0, to: .init(host: "a", port: 1)), map.move(100, to: .init(host: "b", port: 5)))
        #expect(isNews == (false, true))
        #expect(map.uncovered == 99)
        #expect(map.owner(of: 100) == RedisAddress(host: "b", port: 5) && map.masters.count == 3)
        #expect(RedisSlotMap(.array([.array([.integer(0), .integer(20_000), node(.null, 1)])]), askedOf: "s") == nil)
        #expect(RedisSlotMap(.status("OK"), askedOf: "s") == nil)
    }

    @Test func severalNodesMayBeNamed() throws {
        let configuration = try RedisConfiguration(url: Secret("rediss://u:p@a:1,b,[::1]:3/0"))
        #expect(configuration.seeds.map(\.host) == ["a", "b", "::1"])
        #expect(configuration.seeds.map(\.port) == [1, 6379, 3])
        #expect(configuration.seeds.allSatisfy { $0.usesTLS && $0.username == "u" && $0.otherAddresses.isEmpty })
        #expect(throws: RedisURLError.host) { try RedisConfiguration(url: Secret("redis://a,,b")) }
        #expect(throws: RedisURLError.port) { try RedisConfiguration(url: Secret("redis://a,b:x")) }
    }
}
