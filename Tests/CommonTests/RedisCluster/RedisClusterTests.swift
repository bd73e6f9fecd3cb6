import Glibc
import TestSupport
import Testing

@testable import Common

/// The router before a real cluster.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RedisClusterTests {
    @Test func anyNodeIsAWayInAndEveryKeyIsWhereItBelongs() async throws {
        try await withRedisCluster(password: "p@ss word") { cluster in
            for entry in 0..<6 {
                var configuration = try RedisConfiguration(url: Secret("redis://:p%40ss%20word@127.0.0.1"))
                configuration.port = cluster.nodes[entry].port
                try await withRouter(configuration) { router, registry in
                    try await router.ready(within: .seconds(10))
                    let keys = (0..<60).map { "key:\(entry):\($0)" }
                    _ = try await router.send(keys.map { RedisCommand("SET", .init($0), .init($0)) })
                    let values = try await router.send(keys.map { RedisCommand("GET", .init($0)) })
                    #expect(values.map(\.string) == keys)
                    #expect(redirections("moved", in: registry) == 0, "the map is used")
                    for key in keys.prefix(10) {
                        let owner = cluster.nodes[cluster.owner(of: RedisSlot.of(key.utf8))]
                        let count = try await owner.ask("EXISTS", .init(key)).int
                        #expect(count == 1)
                    }
                    let ids = await router.serverRunID?.split(separator: ",") ?? []
                    #expect(ids.count == 3 && ids == ids.sorted())
                }
            }
            try await whatNamesNoKey(cluster)
            try await aSeedThatIsGone(cluster)
        }
    }

    private func whatNamesNoKey(_ cluster: RedisCluster) async throws {
        var configuration = RedisConfiguration()
        (configuration.port, configuration.password) = (cluster.nodes[0].port, Secret("p@ss word"))
        try await withRouter(configuration) { router, _ in
            let library = "#!lua name=l\nredis.register_function('f', function(k) return k[1] end)"
            let before = try await router.send([RedisCommand("PING"), RedisCommand("FUNCTION", "LOAD", .init(library))])
            #expect(before == [.status("PONG"), .bytes([0x6C])], "both were given before the cluster was known")
            for master in cluster.masters {
                let list = try await master.ask("FUNCTION", "LIST").array
                #expect(list?.count == 1)
            }
            for index in 0..<3 {
                let key = cluster.key(of: index)
                let reply = try await router.send(RedisCommand("FCALL", "f", 1, .init(key)))
                #expect(reply.string == key)
            }
            // One master has it already: the error of any is the error.
            _ = try await router.send(RedisCommand("FUNCTION", "FLUSH"))
            _ = try await cluster.nodes[1].ask("FUNCTION", "LOAD", .init(library))
            let twice = await failure { () throws(RedisError) in
                _ = try await router.send(RedisCommand("FUNCTION", "LOAD", .init(library)))
            }
            #expect(twice?.description.contains("already exists") == true)
            let crossing = await failure { () throws(RedisError) in
                _ = try await router.send(RedisCommand("MGET", .init(cluster.key(of: 0)), .init(cluster.key(of: 1))))
            }
            #expect(crossing?.code == .server(prefix: "CROSSSLOT"))
        }
    }

    private func aSeedThatIsGone(_ cluster: RedisCluster) async throws {
        var configuration = RedisConfiguration()
        (configuration.port, configuration.password) = (1, Secret("p@ss word"))
        configuration.otherAddresses = [cluster.nodes[4].address]
        try await withRouter(configuration) { router, _ in try await router.ready(within: .seconds(10)) }
    }

    /// Counters of one slot go up while the slot moves from node to node.
    @Test func aSlotMovesUnderItsCommands() async throws {
        try await withRedisCluster { cluster in
            try await withRouter(try cluster.configuration(enteringBy: 2)) { router, registry in
                try await router.ready(within: .seconds(10))
                let tag = cluster.key(of: 0, "")
                let slot = RedisSlot.of(tag.utf8)
                let (isDone, total) = (Locked(false), Locked(0))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<16 {
                        group.addTask {
                            var count = 0
                            while !isDone.withLock({ $0 }) {
                                let reply = try await router.send(RedisCommand("INCR", .init("\(tag)c\(task)")))
                                count += 1
                                #expect(reply.int == count, "acknowledged once, executed once")
                                total.withLock { $0 += 1 }
                            }
                        }
                    }
                    func flows() async throws {
                        let goal = total.withLock { $0 } + 200
                        try await until("commands flow") { total.withLock { $0 } > goal }
                    }
                    for (source, target) in [(0, 1), (1, 2), (2, 0)] {
                        try await flows()
                        try await cluster.move(slot, from: source, to: target) { try await flows() }
                    }
                    try await flows()
                    isDone.withLock { $0 = true }
                    try await group.waitForAll()
                }
                #expect(redirections("moved", in: registry) > 0)
            }
        }
    }

    /// Half of a slot's keys have gone: each is found, and who needs all of them waits.
    @Test func aSlotThatIsOnItsWayServesEveryKey() async throws {
        try await withRedisCluster { cluster in
            try await withRouter(try cluster.configuration()) { router, registry in
                try await router.ready(within: .seconds(10))
                let (here, gone, new) = (
                    cluster.key(of: 0, "here"), cluster.key(of: 0, "gone"), cluster.key(of: 0, "new")
                )
                _ = try await router.send(RedisCommand("MSET", .init(here), "1", .init(gone), "2"))
                let (source, target) = (cluster.nodes[0], cluster.nodes[1])
                let slot = RedisSlot.of(here.utf8)
                _ = try await target.ask("CLUSTER", "SETSLOT", .init(slot), "IMPORTING", .init(source.id))
                _ = try await source.ask("CLUSTER", "SETSLOT", .init(slot), "MIGRATING", .init(target.id))
                _ = try await source.ask("MIGRATE", "127.0.0.1", .init(target.port), .init(gone), 0, 5000)

                let values = try await router.send([RedisCommand("GET", .init(here)), RedisCommand("GET", .init(gone))])
                #expect(values.map(\.string) == ["1", "2"])
                #expect(redirections("ask", in: registry) == 1)
                _ = try await router.send(RedisCommand("SET", .init(new), "3"))
                #expect(redirections("ask", in: registry) == 2)
                #expect(redirections("moved", in: registry) == 0, "an ASK changes no map")

                async let both = router.send(RedisCommand("MGET", .init(here), .init(gone)), within: .seconds(20))
                // A script may use keys that it does not name: it runs nowhere before all keys are in one place.
                async let script = router.send(
                    RedisCommand(
                        "EVAL", "return redis.call('GET', KEYS[1] .. 'here')", 1, .init(String(here.dropLast(4)))),
                    within: .seconds(20))
                try await until("the first was told to try again, the second was held") {
                    redirections("tryagain", in: registry) > 1 && redirections("ask", in: registry) > 3
                }
                let impatient = await failure { () throws(RedisError) in
                    _ = try await router.send(RedisCommand("MGET", .init(here), .init(gone)), within: .milliseconds(50))
                }
                #expect(impatient?.code == .unavailable && impatient?.description.contains("TRYAGAIN") == true)
                _ = try await source.ask("MIGRATE", "127.0.0.1", .init(target.port), .init(here), 0, 5000)
                for node in [target, source] {
                    _ = try await node.ask("CLUSTER", "SETSLOT", .init(slot), "NODE", .init(target.id))
                }
                let (all, found) = (try await both, try await script)
                #expect(all.array?.map(\.string) == ["1", "2"])
                #expect(found.string == "1")
            }
        }
    }
}

extension RedisCluster {
    /// Moves a slot with its keys, as `redis-cli --cluster reshard` does; `meanwhile` runs when all keys have gone.
    func move(_ slot: Int, from source: Int, to target: Int, meanwhile: () async throws -> Void) async throws {
        let (from, to) = (nodes[source], nodes[target])
        _ = try await to.ask("CLUSTER", "SETSLOT", .init(slot), "IMPORTING", .init(from.id))
        _ = try await from.ask("CLUSTER", "SETSLOT", .init(slot), "MIGRATING", .init(to.id))
        while let keys = try await from.ask("CLUSTER", "GETKEYSINSLOT", .init(slot), 10).array, !keys.isEmpty {
            for key in keys.compactMap(\.string) {
                _ = try await from.ask("MIGRATE", "127.0.0.1", .init(to.port), .init(key), 0, 5000)
            }
        }
        try await meanwhile()
        for node in [to, from] { _ = try await node.ask("CLUSTER", "SETSLOT", .init(slot), "NODE", .init(to.id)) }
    }
}
