package import Common
import Glibc
import Logging

/// Three masters with a replica each, on loopback, to be killed at will; a failover takes one to three seconds.
package struct RedisCluster: Sendable {
    package struct Node: Sendable {
        package let process: ServerProcess
        package let port: Int
        package let id: String
        /// Of this node only, whatever slot a key is in.
        package let client: RedisClient

        package var address: RedisAddress { RedisAddress(host: "127.0.0.1", port: port) }

        package func ask(_ name: String, _ arguments: RedisArgument...) async throws -> RedisValue {
            try await client.send(RedisCommand(name, arguments), within: .seconds(5))
        }

        /// Fields of INFO or CLUSTER INFO.
        package func fields(_ command: RedisCommand) async throws -> [String: String] {
            let lines = try await client.send(command, within: .seconds(5)).string?.split(whereSeparator: \.isNewline)
            return Dictionary(
                (lines ?? []).compactMap { line in
                    line.firstIndex(of: ":").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
                }, uniquingKeysWith: { $1 })
        }

        /// Like a power cut.
        package func kill() async throws { try await process.stop(SIGKILL) }
    }

    /// The first three are the masters that it began with, the others their replicas in the same order.
    package let nodes: [Node]
    package let directory: String
    package let password: String?

    /// The first slot of each third.
    package static let bounds = [0, 5461, 10_923, 16_384]

    package var masters: ArraySlice<Node> { nodes.prefix(3) }
    package var replicas: ArraySlice<Node> { nodes.suffix(3) }

    /// What `REDIS_URL` is to be to enter by one node.
    package func url(of node: Int = 0) -> String {
        "redis://\(password.map { ":\($0)@" } ?? "")127.0.0.1:\(nodes[node].port)"
    }

    /// The master, at first, of a slot.
    package func owner(of slot: Int) -> Int { Self.bounds.dropFirst().prefix { $0 <= slot }.count }

    /// Waits until what was written so far at each of the masters in `indices` is at a replica too.
    package func replicated(_ indices: some Sequence<Int> = 0..<3) async throws {
        for index in indices {
            // Replication is one stream: when a later write is there, so are all before it.
            let key = try await Self.key(of: nodes[index], in: Self.bounds[index]..<Self.bounds[index + 1])
            _ = try await nodes[index].ask("SET", .init(key), "x")
            let count = try await nodes[index].ask("WAIT", "1", "5000").int
            guard count == 1 else { throw HarnessError("the replica of node \(index) did not follow") }
            _ = try await nodes[index].ask("DEL", .init(key))
        }
    }

    private static func key(of node: Node, in slots: Range<Int>) async throws -> String {
        for number in 0..<1000 {
            let key = "barrier:\(number)"
            if let slot = try await node.ask("CLUSTER", "KEYSLOT", .init(key)).int, slots.contains(slot) { return key }
        }
        throw HarnessError("no key for slots \(slots)")
    }

    /// Kills a master and waits until its replica has taken over and all who live know it.
    package func failOver(_ index: Int) async throws {
        try await nodes[index].kill()
        try await promoted(index)
    }

    /// Waits until the replica of a master that is gone has taken over and all who live know it.
    package func promoted(_ index: Int) async throws {
        let heir = nodes[index + 3]
        try await until("the replica of master \(index) has taken over", within: .seconds(30)) {
            for node in nodes where node.port != nodes[index].port {
                guard await node.client.isReady else { continue }
                let slots = try await node.ask("CLUSTER", "SLOTS").array ?? []
                let owners = slots.compactMap { $0.array?[2].array?[1].int }
                guard owners.count == 3, owners.contains(heir.port) else { return false }
            }
            return true
        }
    }
}

/// Runs `body` with a cluster that ends with the scope; a part of it that is away leaves the others serving.
package func withRedisCluster<R: Sendable>(
    password: String? = nil, options: [String] = [], _ body: (RedisCluster) async throws -> R
) async throws -> R {
    try await withTemporaryDirectory { directory in
        let reactor = Reactor(name: "cluster-nodes")
        defer { reactor.stop() }
        var nodes: [RedisCluster.Node] = []
        for index in 0..<6 { nodes.append(try makeNode(index, directory, password, options, reactor)) }
        let result: Result<R, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for node in nodes {
                        try await node.process.start()
                        group.addTask { await node.client.run() }
                    }
                    for node in nodes { try await node.client.ready(within: .seconds(10)) }
                    let identified = try await identified(nodes)
                    try await assemble(identified)
                    let cluster = RedisCluster(nodes: identified, directory: directory, password: password)
                    let result: Result<R, any Error>
                    do { result = .success(try await body(cluster)) } catch { result = .failure(error) }
                    group.cancelAll()
                    try await group.waitForAll()
                    return try result.get()
                })
        } catch { result = .failure(error) }
        for node in nodes { try await node.process.stop() }
        return try result.get()
    }
}

private func makeNode(
    _ index: Int, _ directory: String, _ password: String?, _ options: [String], _ reactor: Reactor
) throws -> RedisCluster.Node {
    let (port, bus) = (try freePort(), try freePort())
    let folder = "\(directory)/\(index)"
    guard mkdir(folder, 0o755) == 0 else { throw HarnessError("cannot make \(folder)") }
    let secrets = password.map { ["--requirepass", $0, "--masterauth", $0] } ?? []
    let process = ServerProcess(
        "redis-server",
        [
            "--port", "\(port)", "--bind", "127.0.0.1", "--cluster-port", "\(bus)", "--cluster-enabled", "yes",
            "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no",
            "--cluster-allow-replica-migration", "no", "--cluster-replica-validity-factor", "0",
            "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1", "--save", "", "--appendonly", "no",
            "--dir", folder,
            "--maxmemory-policy", "noeviction",
        ] + secrets + options, log: folder + "/redis.log")
    var configuration = RedisConfiguration()
    configuration.port = port
    configuration.password = password.map { Secret($0) }
    var logger = Logger(label: "node")
    logger.logLevel = .critical
    return RedisCluster.Node(
        process: process, port: port, id: "\(bus)",
        client: RedisClient(configuration, reactor: reactor, logger: logger))
}

/// The nodes with their ids; each still has its bus port in the place of the id.
private func identified(_ nodes: [RedisCluster.Node]) async throws -> [RedisCluster.Node] {
    var all: [RedisCluster.Node] = []
    for (index, node) in nodes.enumerated() {
        _ = try await node.ask("CLUSTER", "SET-CONFIG-EPOCH", .init(index + 1))
        // Each is told of each: gossip would take its time.
        for other in nodes[..<index] {
            _ = try await node.ask("CLUSTER", "MEET", "127.0.0.1", .init(other.port), .init(other.id))
        }
        guard let id = try await node.ask("CLUSTER", "MYID").string else { throw HarnessError("a node has no id") }
        all.append(RedisCluster.Node(process: node.process, port: node.port, id: id, client: node.client))
    }
    return all
}

private func assemble(_ nodes: [RedisCluster.Node]) async throws {
    for (index, node) in nodes.prefix(3).enumerated() {
        _ = try await node.ask(
            "CLUSTER", "ADDSLOTSRANGE", .init(RedisCluster.bounds[index]), .init(RedisCluster.bounds[index + 1] - 1))
    }
    try await until("all nodes know each other") {
        for node in nodes {
            let lines = try await node.ask("CLUSTER", "NODES").string?.split(separator: "\n") ?? []
            guard lines.count == 6, !lines.contains(where: { $0.contains("handshake") }) else { return false }
        }
        return true
    }
    for (index, node) in nodes.suffix(3).enumerated() {
        _ = try await node.ask("CLUSTER", "REPLICATE", .init(nodes[index].id))
    }
    try await until("the replicas follow and the cluster is well", within: .seconds(30)) {
        for (index, node) in nodes.enumerated() {
            guard try await node.fields(RedisCommand("CLUSTER", "INFO"))["cluster_state"] == "ok" else { return false }
            let replication = try await node.fields(RedisCommand("INFO", "replication"))
            guard index < 3 || replication["master_link_status"] == "up" else { return false }
            let slots = try await node.ask("CLUSTER", "SLOTS").array ?? []
            guard slots.count == 3, slots.allSatisfy({ $0.array?.count == 4 }) else { return false }
        }
        return true
    }
}
