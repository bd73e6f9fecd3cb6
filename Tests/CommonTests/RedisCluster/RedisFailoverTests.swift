import Glibc
import TestSupport
import Testing

@testable import Common

/// Masters of a cluster that die or stop under the router.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RedisFailoverTests {
    /// What one writer pushed, and how each push ended.
    private struct Push: Sendable {
        var list: String
        var id: String
        var end: RedisError?
        var at: ContinuousClock.Instant
    }

    /// Nothing is executed twice by us, nothing that was acknowledged by a master that lives is missing, and once the
    /// replica has taken over everything flows again.
    @Test func aMasterDiesAndItsReplicaTakesOver() async throws {
        try await withRedisCluster { cluster in
            try await withRouter(try cluster.configuration()) { router, _ in
                try await router.ready(within: .seconds(10))
                let runID = await router.serverRunID
                let (isDone, pushes) = (Locked(false), Locked<[Push]>([]))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<48 {
                        let list = cluster.key(of: writer % 3, "list\(writer)")
                        group.addTask {
                            var number = 0
                            while !isDone.withLock({ $0 }) {
                                number += 1
                                let id = "\(writer):\(number)"
                                let end = await failure { () throws(RedisError) in
                                    _ = try await router.send(
                                        RedisCommand("RPUSH", .init(list), .init(id)), within: .seconds(20))
                                }
                                pushes.withLock { $0.append(Push(list: list, id: id, end: end, at: .now)) }
                                try await Task.sleep(for: .milliseconds(1))
                            }
                        }
                    }
                    try await until("writers are at work") { pushes.withLock { $0.count } > 500 }
                    try await cluster.nodes[1].kill()
                    let death = ContinuousClock.now
                    try await cluster.promoted(1)
                    let promoted = ContinuousClock.now
                    try await until("everything flows again", within: .seconds(3)) {
                        let lists = pushes.withLock { $0.filter { $0.at > promoted && $0.end == nil }.map(\.list) }
                        return Set(lists).count == 48
                    }
                    isDone.withLock { $0 = true }
                    try await group.waitForAll()
                    try await check(pushes.withLock { $0 }, death, router, cluster)
                }
                try await router.ready(within: .seconds(5))
                let now = await router.serverRunID
                #expect(now != nil && now != runID, "another master: writes may have been lost")
            }
        }
    }

    private func check(
        _ pushes: [Push], _ death: ContinuousClock.Instant, _ router: RedisRouter, _ cluster: RedisCluster
    ) async throws {
        #expect(pushes.contains { $0.end?.code == .connectionLost } || pushes.allSatisfy { $0.end == nil })
        #expect(pushes.allSatisfy { $0.end == nil || $0.end?.code == .connectionLost }, "the rest waited")
        for list in Set(pushes.map(\.list)) {
            let stored = (try await router.send(RedisCommand("LRANGE", .init(list), 0, -1)).array ?? []).compactMap(
                \.string)
            #expect(Set(stored).count == stored.count, "nothing twice")
            let mine = pushes.filter { $0.list == list }
            #expect(stored == mine.map(\.id).filter(Set(stored).contains), "in order")
            let isAtTheDead = cluster.owner(of: RedisSlot.of(list.utf8)) == 1
            for push in mine where push.end == nil && !stored.contains(push.id) {
                // Redis replicates after it has answered: the last words of the dead may be lost, and nothing else.
                #expect(isAtTheDead && push.at < death + .milliseconds(100), "\(push.id) was acknowledged")
            }
        }
    }

    /// The node that the address names is the one that dies, and then another one: the map leads on.
    @Test func theWayInMayDieAndWhatIsPausedDelaysNobodyElse() async throws {
        try await withRedisCluster { cluster in
            var configuration = try cluster.configuration(enteringBy: 0)
            configuration.commandTimeout = .seconds(20)
            try await withRouter(configuration) { router, _ in
                try await router.ready(within: .seconds(10))
                let subscriber = RedisSubscriber(
                    of: router, channels: ["c"], logger: redisLogger(), heartbeat: .milliseconds(500)
                ) { _, _ in }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await subscriber.run() }
                    try await until("it listens") { await subscriber.isReady }
                    try await cluster.failOver(0)
                    try await router.ready(within: .seconds(5))
                    for index in 0..<3 {
                        _ = try await router.send(RedisCommand("SET", .init(cluster.key(of: index)), "1"))
                    }
                    try await until("it listens to another node") { await subscriber.isReady }

                    await cluster.nodes[1].process.send(SIGSTOP)
                    async let stuck = failure { () throws(RedisError) in
                        _ = try await router.send(
                            RedisCommand("GET", .init(cluster.key(of: 1))), within: .milliseconds(300))
                    }
                    let start = ContinuousClock.now
                    for _ in 0..<20 {
                        _ = try await router.send(
                            RedisCommand("GET", .init(cluster.key(of: 2))), within: .seconds(3))
                    }
                    // Behind the stuck one each would take its 300 ms.
                    #expect(.now - start < .seconds(3))
                    let error = await stuck
                    #expect(error?.code == .timedOut)
                    try await cluster.promoted(1)
                    let value = try await router.send(
                        RedisCommand("GET", .init(cluster.key(of: 1))), within: .seconds(5))
                    #expect(value.string == "1")
                    await cluster.nodes[1].process.send(SIGCONT)
                    try await until("the old master follows the new one") {
                        try await cluster.nodes[1].fields(RedisCommand("INFO", "replication"))["role"] == "slave"
                    }
                    let written = try await router.send(RedisCommand("INCR", .init(cluster.key(of: 1))))
                    #expect(written.int == 2)
                    subscriber.shutDown()
                    try await group.waitForAll()
                }
            }
        }
    }

    /// Nobody takes over: commands end at their own deadlines, as never sent; others are served.
    @Test func aShardWithoutAMasterFailsAtTheDeadlineAndForItselfOnly() async throws {
        try await withRedisCluster { cluster in
            try await withRouter(try cluster.configuration(enteringBy: 5)) { router, _ in
                try await router.ready(within: .seconds(10))
                let sibling = router.sibling()
                try await running(sibling) {
                    try await sibling.ready(within: .seconds(1))
                    for index in [3, 0] { try await cluster.nodes[index].kill() }
                    try await until("the loss is noticed") { await !router.isReady }
                    for client in [router, sibling] {
                        let start = ContinuousClock.now
                        let error = await failure { () throws(RedisError) in
                            _ = try await client.send(
                                RedisCommand("GET", .init(cluster.key(of: 0))), within: .milliseconds(700))
                        }
                        #expect(error?.code == .unavailable, "\(error?.description ?? "none")")
                        #expect(.now - start > .milliseconds(690) && .now - start < .seconds(5))
                        _ = try await client.send(RedisCommand("SET", .init(cluster.key(of: 1)), "1"))
                        let pong = try await client.send(RedisCommand("PING"))
                        #expect(pong == .status("PONG"))
                    }
                    let refused = await failure { () throws(RedisError) in
                        try await router.ready(within: .milliseconds(200))
                    }
                    #expect(refused?.code == .unavailable)
                }
            }
        }
    }

    /// A router that only waits holds one connection, and follows its slot through a failover.
    @Test func aSiblingHoldsOneConnectionAndFollowsItsSlot() async throws {
        try await withRedisCluster { cluster in
            try await withRouter(try cluster.configuration()) { router, _ in
                try await router.ready(within: .seconds(10))
                let sibling = router.sibling()
                try await running(sibling) {
                    let (list, stage) = (cluster.key(of: 2, "in"), cluster.key(of: 2, "stage"))
                    func move() async throws -> RedisValue {
                        try await sibling.send(
                            RedisCommand("BLMOVE", .init(list), .init(stage), "LEFT", "RIGHT", "0.2"),
                            within: .seconds(20))
                    }
                    let none = try await move()
                    #expect(none.isNull)
                    var connections = 0
                    for master in cluster.masters {
                        let clients = try await master.ask("CLIENT", "LIST", "TYPE", "normal").string ?? ""
                        connections += clients.split(separator: "\n").count { $0.contains(" cmd=blmove ") }
                    }
                    #expect(connections == 1)
                    try await cluster.failOver(2)
                    _ = try await router.send(RedisCommand("RPUSH", .init(list), "m"), within: .seconds(10))
                    try await until("it has followed") { (try? await move())?.string == "m" }
                }
            }
        }
    }
}
