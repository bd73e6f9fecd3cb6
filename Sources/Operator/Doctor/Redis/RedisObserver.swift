import Common

/// Looks at Redis, every server of a cluster.
struct RedisObserver: Sendable {
    let settings: DoctorSettings
    let servers: DoctorServers

    private static let patience = Duration.seconds(5)
    /// The most that QUEUE_SHARDS can be.
    private static let mostShards = 1024

    func checks() async throws -> [any DoctorCheck] {
        guard let queue = servers.queue else {
            throw NotLookedAt("mend REDIS_URL and QUEUE_SHARDS first: see configuration")
        }
        do {
            try await queue.redis.ready(within: ConnectedQueue.patience)
        } catch {
            return [RedisConnectionCheck(failure: error.description), SkippedCheck(why: "it must be reached first")]
        }
        let functions = RedisFunctionsCheck(answer: await functions(queue), ours: QueueClient.functionRevision)
        let connection = RedisConnectionCheck(failure: nil, isEncrypted: settings.redis?.usesTLS ?? false)
        return [connection] + (try await described(queue))
            + [functions, QueueShardsCheck(shards: queue.keys.shards, beyond: try await beyond(queue))]
    }

    /// What INFO tells; what is not told where we may not ask.
    private func described(_ queue: ConnectedQueue) async throws(RedisError) -> [any DoctorCheck] {
        do {
            return try await informed(queue)
        } catch {
            guard error.serverPrefix == "NOPERM" else { throw error }
            let silent = RedisMemoryCheck.Server(policy: nil, maximum: 0, used: 0)
            return [
                RedisPersistenceCheck(appendOnly: [nil], lastAppendOK: true, lastSaveOK: true),
                RedisMemoryCheck(servers: [silent], isProduction: settings.isProduction),
            ]
        }
    }

    private func informed(_ queue: ConnectedQueue) async throws(RedisError) -> [any DoctorCheck] {
        let facts = try await queue.redis.sendToEach(RedisCommand("INFO"), within: Self.patience)
            .map { RedisFacts(info: $0.string ?? "") }
        let isCluster = facts.contains(where: \.isCluster)
        var state = "ok"
        if isCluster {
            let info = try await queue.redis.sendToEach(RedisCommand("CLUSTER", "INFO"), within: Self.patience)
            state =
                info.compactMap { $0.string?.infoValue("cluster_state") }.first { $0 != "ok" }.map { String($0) }
                ?? "ok"
        }
        return [
            RedisVersionCheck(versions: facts.map(\.version)),
            RedisRoleCheck(roles: facts.map(\.role), isLoading: facts.contains(where: \.isLoading)),
            RedisPersistenceCheck(
                appendOnly: facts.map(\.isAppendOnly), lastAppendOK: facts.allSatisfy(\.lastAppendOK),
                lastSaveOK: facts.allSatisfy(\.lastSaveOK)),
            RedisMemoryCheck(
                servers: facts.map { .init(policy: $0.eviction, maximum: $0.maximumMemory, used: $0.usedMemory) },
                isProduction: settings.isProduction),
            RedisClusterCheck(
                isCluster: isCluster, state: state, mastersWithoutReplica: facts.count { $0.replicas == 0 },
                shards: queue.keys.shards),
        ]
    }

    private func functions(_ queue: ConnectedQueue) async -> RedisFunctionsCheck.Answer {
        do {
            let reply = try await queue.redis.send(
                RedisCommand("FCALL", "wa_revision", 1, .init(queue.keys.prefix(0))), within: Self.patience)
            return reply.int.map { .revision($0) } ?? .failed("it answers no number")
        } catch {
            let text = error.description
            if text.contains("Function not found") { return .missing }
            if text.contains("unknown command") || error.serverPrefix == "NOPERM" { return .unsupported }
            return .failed(text)
        }
    }

    /// Asks for the lists of every shard that there may be beyond ours.
    private func beyond(_ queue: ConnectedQueue) async throws(RedisError) -> [Int: Int] {
        let others = Array(queue.keys.shards..<Self.mostShards)
        let commands = others.map { shard in
            let prefix = queue.keys.prefix(shard)
            let names = ["in", "stage", "ready", "lease", "delay", "dead"].map { RedisArgument(prefix + $0) }
            return RedisCommand("EXISTS", names)
        }
        let replies = try await queue.redis.send(commands, within: Self.patience)
        var found: [Int: Int] = [:]
        for (shard, reply) in zip(others, replies) {
            if let count = reply.int, count > 0 { found[shard] = count }
        }
        return found
    }
}
